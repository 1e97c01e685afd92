"""Guests who became customers."""

from chassis.data.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE converted_guest (
    guest_id UUID PRIMARY KEY,
    customer_id UUID NOT NULL,
    converted_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX converted_guest_customer_id ON converted_guest (customer_id);
"""
    )
