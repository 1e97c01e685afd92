"""When orders of erased customers are forgotten, and orders and checkouts by address."""

from chassis.data.migrations import run_sql

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    # Older processes neither write nor read the column.
    run_sql(
        """
ALTER TABLE orders ADD COLUMN forget_at TIMESTAMPTZ;
CREATE INDEX orders_forget ON orders (forget_at) WHERE forget_at IS NOT NULL;
CREATE INDEX orders_email ON orders (lower(email)) WHERE email <> '';
CREATE INDEX checkout_email ON checkout (lower(email)) WHERE email <> '';
"""
    )
