"""Products that only synthetic shoppers buy."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Older processes neither write nor read it.
    run_sql(
        """
        ALTER TABLE product ADD COLUMN is_synthetic BOOLEAN NOT NULL DEFAULT FALSE CHECK (NOT (is_synthetic AND is_published));
        CREATE INDEX product_synthetic ON product (id) WHERE is_synthetic;
        """
    )
