"""A merchant's own data on warehouses, price lists, channels and categories."""

from chassis.data.migrations import run_sql

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    run_sql(
        """
ALTER TABLE warehouse ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
ALTER TABLE price_list ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
ALTER TABLE channel ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
ALTER TABLE category ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}';
"""
    )
