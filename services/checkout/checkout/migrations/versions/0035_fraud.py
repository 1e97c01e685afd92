"""Limits and settings against fraud, signals of payments, and reviews of orders."""

from chassis.data.migrations import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    # Older processes screen no orders: none is before staff set a limit or an action.
    run_sql(
        """
        CREATE TABLE fraud_limit (
            code TEXT PRIMARY KEY,
            measure TEXT NOT NULL CHECK (measure IN ('orders', 'declined_payments', 'amount')),
            subject TEXT NOT NULL CHECK (subject IN ('customer', 'email', 'address', 'card')),
            hours INTEGER NOT NULL CHECK (hours > 0),
            most BIGINT NOT NULL CHECK (most > 0),
            currency TEXT NOT NULL,
            channel TEXT NOT NULL,
            action TEXT NOT NULL CHECK (action IN ('accept', 'review', 'refuse')),
            is_enabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            CHECK ((measure = 'amount') = (currency <> ''))
        );
        CREATE TABLE fraud_settings (
            channel TEXT PRIMARY KEY,
            signal_actions JSONB NOT NULL,
            scorer TEXT NOT NULL,
            review_from_score INTEGER,
            refuse_from_score INTEGER,
            scorer_fallback TEXT NOT NULL
                CHECK (scorer_fallback IN ('accept', 'review', 'refuse')),
            review_hours INTEGER NOT NULL CHECK (review_hours > 0),
            version BIGINT NOT NULL
        );
        CREATE TABLE fraud_revision (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            number BIGINT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE order_risk (
            order_id UUID PRIMARY KEY REFERENCES orders (id),
            version BIGINT NOT NULL,
            channel_id TEXT NOT NULL,
            decision TEXT NOT NULL CHECK (decision IN ('accept', 'review', 'refuse')),
            findings JSONB NOT NULL,
            score INTEGER,
            score_reasons JSONB NOT NULL,
            assessed_at TIMESTAMPTZ,
            status TEXT CHECK (status IN ('open', 'releasing', 'released', 'rejected', 'expired',
                'failed', 'cancelled')),
            due_at TIMESTAMPTZ,
            decided_by UUID,
            decided_at TIMESTAMPTZ
        );
        CREATE INDEX order_risk_undecided ON order_risk (order_id)
            WHERE status IN ('open', 'releasing');
        CREATE INDEX order_risk_status ON order_risk (status, order_id) WHERE status IS NOT NULL;
        ALTER TABLE payment
            ADD COLUMN signals JSONB,
            ADD COLUMN card_fingerprint TEXT NOT NULL DEFAULT '';
        CREATE INDEX payment_card ON payment (card_fingerprint, created_at)
            WHERE card_fingerprint <> '';
        CREATE INDEX orders_postal_code
            ON orders ((COALESCE(delivery_address ->> 'postal_code', '')), created_at);
        """
    )
