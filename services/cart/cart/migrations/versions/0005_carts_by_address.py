"""Carts and redemptions of a buyer, whatever their state, and saved carts by address."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_sql(
        """
CREATE INDEX cart_email_digest ON cart (email_digest) WHERE email_digest <> '';
CREATE INDEX cart_ended_owner_id ON cart (owner_id) WHERE status IN ('ordered', 'merged');
"""
    )
