"""Pages to which the buyer's bank leads back."""

from chassis.data.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # Older processes neither write nor read it: their challenges lead nowhere, as before.
    run_sql(
        """
ALTER TABLE checkout ADD COLUMN return_url TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN return_url TEXT NOT NULL DEFAULT '';
"""
    )
