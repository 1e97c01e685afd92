"""The tax provider of a channel."""

from chassis.data.migrations import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE tax_settings
            ADD COLUMN provider TEXT NOT NULL DEFAULT '',
            ADD COLUMN provider_fallback TEXT NOT NULL DEFAULT 'tables'
                CHECK (provider_fallback IN ('tables', 'refuse'));
        """
    )
