"""The total that a version of a checkout was shown with."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Older processes neither write nor read it; NULL for versions that they made.
    run_sql("ALTER TABLE checkout ADD COLUMN reviewed_total_minor BIGINT")
