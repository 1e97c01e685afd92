"""Gift cards with their entries, and payments by them."""

from chassis.data.migrations import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE gift_card (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    code_hash BYTEA NOT NULL UNIQUE,
    sealed_code BYTEA NOT NULL,
    ending TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'disabled', 'revoked')),
    source TEXT NOT NULL CHECK (source IN ('issued', 'sold', 'imported')),
    channel TEXT NOT NULL,
    currency TEXT NOT NULL,
    initial_minor BIGINT NOT NULL CHECK (initial_minor > 0),
    balance_minor BIGINT NOT NULL,
    reserved_minor BIGINT NOT NULL,
    expires_at TIMESTAMPTZ,
    note TEXT NOT NULL,
    order_id UUID REFERENCES orders (id),
    caller TEXT,
    idempotency_key TEXT,
    fingerprint BYTEA,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (reserved_minor BETWEEN 0 AND balance_minor),
    UNIQUE (caller, idempotency_key)
);
CREATE INDEX gift_card_ending ON gift_card (ending, id);
CREATE INDEX gift_card_order ON gift_card (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE gift_card_settings (
    channel TEXT PRIMARY KEY,
    validity_days INTEGER CHECK (validity_days > 0),
    refund_days INTEGER NOT NULL CHECK (refund_days >= 0),
    pays_gift_cards BOOLEAN NOT NULL,
    most_cards INTEGER NOT NULL CHECK (most_cards >= 0),
    version BIGINT NOT NULL
);
-- The release before writes none of them: no gift card pays of its orders.
ALTER TABLE payment
    ADD COLUMN gift_card_id UUID REFERENCES gift_card (id),
    ADD COLUMN gift_card_ending TEXT NOT NULL DEFAULT '';
CREATE INDEX payment_held_by_card ON payment (created_at)
    WHERE gift_card_id IS NOT NULL AND status = 'authorized';
ALTER TABLE checkout
    ADD COLUMN reviewed_due_minor BIGINT,
    ADD COLUMN gift_card_ids JSONB NOT NULL DEFAULT '[]';
CREATE TABLE gift_card_entry (
    id UUID PRIMARY KEY,
    gift_card_id UUID NOT NULL REFERENCES gift_card (id),
    kind TEXT NOT NULL CHECK (kind IN (
        'issue', 'capture', 'refund', 'adjustment', 'revocation'
    )),
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    balance_minor BIGINT NOT NULL CHECK (balance_minor >= 0),
    order_id UUID REFERENCES orders (id),
    payment_id UUID REFERENCES payment (id),
    refund_id UUID REFERENCES refund (id),
    reason TEXT NOT NULL,
    actor_id UUID,
    at TIMESTAMPTZ NOT NULL
);
CREATE INDEX gift_card_entry_card ON gift_card_entry (gift_card_id, id);
CREATE UNIQUE INDEX gift_card_entry_payment ON gift_card_entry (payment_id)
    WHERE kind = 'capture';
CREATE UNIQUE INDEX gift_card_entry_refund ON gift_card_entry (refund_id)
    WHERE refund_id IS NOT NULL;
"""
    )
