"""A merchant's own data on variants and content pages."""

from chassis.data.migrations import run_sql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    run_sql(
        """
ALTER TABLE variant ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
ALTER TABLE page ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
"""
    )
