"""Returns, their reasons, and the settings of channels for them."""

from chassis.data.migrations import run_sql

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE return_reason (
    code TEXT PRIMARY KEY,
    titles JSONB NOT NULL,
    position INTEGER NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL
);
-- What a new shop asks; staff change them.
INSERT INTO return_reason (code, titles, position, is_enabled, version) VALUES
    ('changed-mind', '{"de": "Gefällt mir nicht", "en": "I changed my mind"}', 1, TRUE, 1),
    ('wrong-size', '{"de": "Passt nicht", "en": "It does not fit"}', 2, TRUE, 1),
    ('damaged', '{"de": "Beschädigt oder defekt", "en": "It is damaged or defective"}', 3, TRUE, 1),
    ('not-as-described',
     '{"de": "Nicht wie beschrieben", "en": "It is not as described"}', 4, TRUE, 1),
    ('wrong-item', '{"de": "Falscher Artikel", "en": "It is the wrong item"}', 5, TRUE, 1),
    ('too-late', '{"de": "Kam zu spät", "en": "It came too late"}', 6, TRUE, 1),
    ('other', '{"de": "Anderer Grund", "en": "Another reason"}', 7, TRUE, 1);
CREATE TABLE order_return (
    id UUID PRIMARY KEY,
    version BIGINT NOT NULL,
    order_id UUID NOT NULL REFERENCES orders (id),
    owner_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN (
        'requested', 'accepted', 'rejected', 'cancelled', 'received', 'refunding', 'refunded'
    )),
    lines JSONB NOT NULL,
    note TEXT NOT NULL,
    shop_note TEXT NOT NULL,
    label JSONB,
    return_address JSONB NOT NULL,
    goods_minor BIGINT NOT NULL,
    delivery_minor BIGINT NOT NULL,
    deduction_minor BIGINT NOT NULL,
    deduction_reason TEXT NOT NULL,
    refunded_minor BIGINT NOT NULL,
    voided_minor BIGINT NOT NULL,
    is_restocked BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ,
    CHECK (refunded_minor + voided_minor <= goods_minor + delivery_minor)
);
CREATE INDEX order_return_order ON order_return (order_id);
CREATE INDEX order_return_owner ON order_return (owner_id, id);
-- The release before writes none of them: it takes nothing back.
ALTER TABLE order_line
    ADD COLUMN returned_quantity BIGINT NOT NULL DEFAULT 0,
    ADD CHECK (returned_quantity BETWEEN 0 AND shipped_quantity);
ALTER TABLE refund ADD COLUMN return_id UUID REFERENCES order_return (id);
ALTER TABLE after_sale_settings
    ADD COLUMN return_days INTEGER NOT NULL DEFAULT 14 CHECK (return_days >= 0),
    ADD COLUMN return_address JSONB NOT NULL DEFAULT '{}';
"""
    )
