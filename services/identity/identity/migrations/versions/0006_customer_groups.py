"""Groups of customers, whose price lists count for them."""

from chassis.data.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Older processes neither write nor read it: their tokens name no group.
    run_sql("ALTER TABLE customer ADD COLUMN customer_group TEXT NOT NULL DEFAULT ''")
