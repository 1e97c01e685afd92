"""Draft orders."""

from chassis.data.migrations import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE draft_order (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            checkout_id UUID NOT NULL REFERENCES checkout (id),
            name TEXT NOT NULL,
            cart JSONB NOT NULL,
            currency TEXT NOT NULL,
            total_minor BIGINT NOT NULL,
            saved_by UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            saved_at TIMESTAMPTZ NOT NULL,
            link_digest BYTEA,
            sent_at TIMESTAMPTZ
        );
        CREATE UNIQUE INDEX draft_order_checkout ON draft_order (checkout_id);
        CREATE UNIQUE INDEX draft_order_link ON draft_order (link_digest);
        """
    )
