"""Rich descriptions, details of pictures, and pictures of variants."""

from chassis.data.migrations import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE product ADD COLUMN rich_description JSONB NOT NULL DEFAULT '{}';
        ALTER TABLE product ADD COLUMN image_details JSONB NOT NULL DEFAULT '{}';
        ALTER TABLE variant ADD COLUMN image_urls JSONB NOT NULL DEFAULT '[]';
        """
    )
