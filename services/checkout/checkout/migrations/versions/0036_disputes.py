"""Disputes of payments."""

from chassis.data.migrations import run_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE payment_dispute (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            order_id UUID NOT NULL REFERENCES orders (id),
            payment_id UUID NOT NULL REFERENCES payment (id),
            provider TEXT NOT NULL,
            provider_dispute_id TEXT NOT NULL,
            status TEXT NOT NULL
                CHECK (status IN ('needs_response', 'under_review', 'won', 'lost')),
            reason TEXT NOT NULL,
            currency TEXT NOT NULL,
            amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
            covered_minor BIGINT NOT NULL CHECK (covered_minor >= 0),
            respond_by TIMESTAMPTZ,
            opened_at TIMESTAMPTZ NOT NULL,
            UNIQUE (provider, provider_dispute_id)
        );
        CREATE INDEX payment_dispute_order ON payment_dispute (order_id);
        CREATE INDEX payment_dispute_status ON payment_dispute (status, id);
        """
    )
