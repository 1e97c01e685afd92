"""Loyalty rules, and points of customers."""

from chassis.data.migrations import run_sql

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE loyalty_rule (
            code TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            currency TEXT NOT NULL,
            earned_points BIGINT NOT NULL,
            earned_per_minor BIGINT NOT NULL,
            redeemed_points BIGINT NOT NULL,
            redeemed_minor BIGINT NOT NULL,
            least_points BIGINT NOT NULL,
            pending_days INTEGER NOT NULL,
            valid_days INTEGER,
            is_enabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            CHECK (earned_points >= 0 AND earned_per_minor > 0),
            CHECK (redeemed_points >= 0 AND redeemed_minor >= 0),
            CHECK (pending_days >= 0 AND valid_days > 0)
        );
        CREATE UNIQUE INDEX loyalty_rule_channel ON loyalty_rule (channel, currency);
        CREATE TABLE loyalty_rule_revision (
            is_only BOOLEAN PRIMARY KEY,
            number BIGINT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE loyalty_account (
            customer_id UUID PRIMARY KEY,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE loyalty_entry (
            id UUID PRIMARY KEY,
            customer_id UUID NOT NULL REFERENCES loyalty_account (customer_id),
            kind TEXT NOT NULL CHECK (kind IN ('earned', 'revoked', 'redeemed', 'adjusted')),
            points BIGINT NOT NULL,
            "left" BIGINT NOT NULL,
            written_off BIGINT NOT NULL,
            order_id UUID REFERENCES orders (id),
            currency TEXT NOT NULL,
            redeemed_minor BIGINT NOT NULL,
            reason TEXT NOT NULL,
            actor_id UUID,
            expires_at TIMESTAMPTZ,
            at TIMESTAMPTZ NOT NULL,
            CHECK ("left" >= 0 AND ("left" = 0 OR "left" <= points))
        );
        CREATE INDEX loyalty_entry_customer ON loyalty_entry (customer_id, id);
        CREATE INDEX loyalty_entry_lots ON loyalty_entry (customer_id) WHERE "left" > 0;
        CREATE INDEX loyalty_entry_order ON loyalty_entry (order_id) WHERE order_id IS NOT NULL;
        -- Older processes leave it empty: their orders earn nothing.
        ALTER TABLE orders ADD COLUMN earns JSONB;
        """
    )
