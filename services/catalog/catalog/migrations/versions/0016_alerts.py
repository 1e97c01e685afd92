"""Alerts about variants that are back in stock or cost less."""

from chassis.data.migrations import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE alert (
            id UUID PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('back_in_stock', 'price_drop')),
            product_id UUID NOT NULL,
            variant_id UUID NOT NULL,
            channel TEXT NOT NULL,
            currency TEXT NOT NULL,
            locale TEXT NOT NULL,
            customer_id UUID,
            email TEXT NOT NULL,
            email_digest TEXT NOT NULL,
            token_digest TEXT UNIQUE,
            end_token TEXT NOT NULL UNIQUE,
            baseline_minor BIGINT NOT NULL,
            most_minor BIGINT NOT NULL,
            is_active BOOLEAN NOT NULL,
            asked_at TIMESTAMPTZ NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            version BIGINT NOT NULL,
            UNIQUE (email_digest, variant_id, kind, channel, currency)
        );
        CREATE INDEX alert_product ON alert (product_id, is_active);
        CREATE INDEX alert_customer ON alert (customer_id, id);
        """
    )
