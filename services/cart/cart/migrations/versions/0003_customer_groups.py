"""The customer group of a cart's owner, whose price lists count."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Older processes neither write nor read it: their carts are priced for everybody.
    run_sql("ALTER TABLE cart ADD COLUMN customer_group TEXT NOT NULL DEFAULT ''")
