"""Customers whose accounts allow analytics."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE analytics_consent (
            customer_id UUID PRIMARY KEY,
            is_granted BOOLEAN NOT NULL,
            version BIGINT NOT NULL
        );
        """
    )
