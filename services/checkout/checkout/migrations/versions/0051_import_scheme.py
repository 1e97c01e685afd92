"""The number of the EU's import scheme, and the value of goods up to which it is used."""

from chassis.data.migrations import run_sql

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE tax_settings
            ADD COLUMN ioss_number TEXT NOT NULL DEFAULT '',
            ADD COLUMN ioss_limits JSONB NOT NULL DEFAULT '{}';
        """
    )
