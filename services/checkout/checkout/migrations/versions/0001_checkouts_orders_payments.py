"""Checkouts, orders, payments, refunds and shipments."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
CREATE TABLE checkout (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    owner_id UUID NOT NULL,
    owner_kind TEXT NOT NULL,
    organization_id UUID,
    channel_id TEXT NOT NULL,
    external_id TEXT,
    cart_id UUID NOT NULL,
    currency TEXT NOT NULL,
    locale TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('incomplete', 'ready_for_complete', 'complete_in_progress', 'requires_escalation', 'completed', 'canceled')),
    email TEXT NOT NULL,
    delivery_address JSONB,
    delivery_option_id TEXT NOT NULL,
    payment_method_id TEXT NOT NULL,
    payment_token TEXT NOT NULL,
    order_id UUID,
    continue_url TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    CHECK (status NOT IN ('completed', 'canceled') OR payment_token = '')
);
CREATE INDEX checkout_owner ON checkout (owner_id, id);

-- "order" is a reserved word.
CREATE TABLE orders (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT NOT NULL,
    owner_id UUID NOT NULL,
    organization_id UUID,
    channel_id TEXT NOT NULL,
    external_id TEXT,
    checkout_id UUID NOT NULL,
    cart_id UUID NOT NULL,
    cart_version BIGINT NOT NULL,
    currency TEXT NOT NULL,
    locale TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('pending', 'action_required', 'placed', 'partially_shipped', 'shipped', 'delivered', 'cancelling', 'cancelled', 'refused')),
    begun TEXT NOT NULL CHECK (begun IN ('reserve', 'authorize', 'redeem', 'capture', 'confirm')),
    refusal_reason TEXT NOT NULL,
    refusal_metadata JSONB NOT NULL,
    email TEXT NOT NULL,
    delivery_address JSONB NOT NULL,
    delivery_option JSONB NOT NULL,
    totals JSONB NOT NULL,
    tax_lines JSONB NOT NULL,
    promotion_codes JSONB NOT NULL,
    total_minor BIGINT NOT NULL CHECK (total_minor >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    placed_at TIMESTAMPTZ,
    UNIQUE (channel_id, number)
);
-- One checkout makes one order; a refused or cancelled one gives way to the next.
CREATE UNIQUE INDEX orders_live_of_checkout ON orders (checkout_id) WHERE status NOT IN ('refused', 'cancelled');
CREATE INDEX orders_owner ON orders (owner_id, id);
CREATE INDEX orders_unsettled ON orders (created_at) WHERE status IN ('pending', 'action_required', 'cancelling');

CREATE TABLE order_line (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders,
    position INTEGER NOT NULL,
    variant_id UUID NOT NULL,
    product_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    title TEXT NOT NULL,
    options TEXT NOT NULL,
    product_slug TEXT NOT NULL,
    image_url TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    unit_price_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL CHECK (discount_minor <= 0),
    total_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    tax_class TEXT NOT NULL,
    shipped_quantity BIGINT NOT NULL CHECK (shipped_quantity BETWEEN 0 AND quantity)
);
CREATE INDEX order_line_order ON order_line (order_id);

CREATE TABLE order_event (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders,
    status TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('buyer', 'staff', 'system', 'provider')),
    trace_id TEXT NOT NULL
);
CREATE INDEX order_event_order ON order_event (order_id, id);

-- Which order an idempotency key of CompleteCheckout made.
CREATE TABLE placement (
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    order_id UUID NOT NULL REFERENCES orders,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (caller, idempotency_key)
);

CREATE TABLE payment (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    order_id UUID NOT NULL REFERENCES orders,
    provider TEXT NOT NULL,
    method_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('pending', 'requires_action', 'authorized', 'captured', 'declined', 'voided', 'partially_refunded', 'refunded')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT NOT NULL,
    refunding_minor BIGINT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    provider_payment_id TEXT NOT NULL,
    action_url TEXT NOT NULL,
    decline_code TEXT NOT NULL,
    token TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (refunded_minor >= 0 AND refunding_minor >= 0),
    CHECK (refunded_minor + refunding_minor <= captured_minor AND captured_minor <= amount_minor)
);
CREATE INDEX payment_order ON payment (order_id);

CREATE TABLE refund (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders,
    payment_id UUID NOT NULL REFERENCES payment,
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    reason TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    refunded_at TIMESTAMPTZ,
    UNIQUE (caller, idempotency_key)
);
CREATE INDEX refund_order ON refund (order_id);
CREATE INDEX refund_pending ON refund (created_at) WHERE status = 'pending';

CREATE TABLE shipment (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders,
    status TEXT NOT NULL CHECK (status IN ('shipped', 'delivered')),
    carrier TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    tracking_url TEXT NOT NULL,
    external_id TEXT,
    shipped_at TIMESTAMPTZ NOT NULL,
    delivered_at TIMESTAMPTZ
);
CREATE INDEX shipment_order ON shipment (order_id);
CREATE TABLE shipment_line (
    shipment_id UUID NOT NULL REFERENCES shipment,
    order_line_id UUID NOT NULL REFERENCES order_line,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (shipment_id, order_line_id)
);

-- Webhooks taken: the provider delivers at least once.
CREATE TABLE webhook_event (
    provider TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (provider, event_id)
);
CREATE INDEX webhook_event_received_at ON webhook_event (received_at);

-- How far the provider's ledger was read. The lease lets one replica read it at a time.
CREATE TABLE reconciliation (
    provider TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    leased_until TIMESTAMPTZ NOT NULL
);

-- A sequence per channel, made with the channel's first order. It runs as its owner, because the service may not create anything.
CREATE FUNCTION next_order_number(channel TEXT) RETURNS BIGINT LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    name TEXT := 'order_number_' || left(channel, 40);
BEGIN
    IF to_regclass(quote_ident(name)) IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext(name));
        EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I START 100001', name);
    END IF;
    RETURN nextval(quote_ident(name)::regclass);
END
$$;
CREATE SEQUENCE order_number_default START 100001;
"""
    )
