"""Gift cards that orders buy, and to whom they are mailed."""

from chassis.data.migrations import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    # Older processes neither write nor read them: they sell no gift cards.
    run_sql(
        """
ALTER TABLE checkout ADD COLUMN gift_card_deliveries JSONB NOT NULL DEFAULT '[]';
ALTER TABLE order_line
    ADD COLUMN gift_card_value_minor BIGINT,
    ADD COLUMN gift_card_deliveries JSONB NOT NULL DEFAULT '[]';
ALTER TABLE gift_card
    ADD COLUMN order_line_id UUID REFERENCES order_line (id),
    ADD COLUMN unit INTEGER,
    ADD COLUMN delivery JSONB,
    ADD COLUMN send_at TIMESTAMPTZ,
    ADD COLUMN sent_at TIMESTAMPTZ,
    ADD UNIQUE (order_line_id, unit);
"""
    )
