"""Secret links to orders."""

from chassis.data.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE order_link (
    token_digest BYTEA PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders (id),
    kind TEXT NOT NULL CHECK (kind IN ('mailed', 'access')),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX order_link_order_id ON order_link (order_id, created_at);
CREATE INDEX orders_number ON orders (number) WHERE number IS NOT NULL;
"""
    )
