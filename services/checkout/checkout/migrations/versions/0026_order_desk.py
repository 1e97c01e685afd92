"""Tags, holds and notes of orders, and indexes of their search."""

from chassis.data.migrations import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    # Older processes ship what is held: none is before all are of this release.
    run_sql(
        """
CREATE TABLE order_tag (
    order_id UUID NOT NULL REFERENCES orders (id),
    tag TEXT NOT NULL,
    PRIMARY KEY (order_id, tag)
);
CREATE INDEX order_tag_tag ON order_tag (tag, order_id);

CREATE TABLE order_hold (
    id UUID PRIMARY KEY,
    order_id UUID NOT NULL REFERENCES orders (id),
    reason TEXT NOT NULL
        CHECK (reason IN ('fraud', 'address', 'payment', 'stock', 'buyer_request', 'other')),
    note TEXT NOT NULL,
    held_by UUID NOT NULL,
    held_at TIMESTAMPTZ NOT NULL,
    released_by UUID,
    released_at TIMESTAMPTZ CHECK (released_at >= held_at)
);
CREATE INDEX order_hold_order ON order_hold (order_id);
CREATE UNIQUE INDEX order_hold_open ON order_hold (order_id) WHERE released_at IS NULL;

CREATE TABLE order_note (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    order_id UUID NOT NULL REFERENCES orders (id),
    text TEXT NOT NULL,
    author_id UUID NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    edited_by UUID,
    edited_at TIMESTAMPTZ
);
CREATE INDEX order_note_order ON order_note (order_id, id);

CREATE INDEX orders_placed ON orders (placed_at) WHERE placed_at IS NOT NULL;
CREATE INDEX orders_total ON orders (currency, total_minor, id);
CREATE INDEX orders_status ON orders (status, id);
CREATE INDEX orders_country ON orders ((delivery_address ->> 'address_country'), id);
CREATE INDEX orders_organization ON orders (organization_id, id)
    WHERE organization_id IS NOT NULL;
CREATE INDEX order_line_sku ON order_line (sku, order_id);
CREATE INDEX payment_status ON payment (status, method_id, order_id);
"""
    )
