"""Claims of buyers about goods."""

from chassis.data.migrations import run_sql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE order_claim (
            id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            order_id UUID NOT NULL REFERENCES orders (id),
            owner_id UUID NOT NULL,
            status TEXT NOT NULL
                CHECK (status IN ('open', 'settled', 'rejected', 'withdrawn')),
            lines JSONB NOT NULL,
            note TEXT NOT NULL,
            shop_note TEXT NOT NULL,
            settlement TEXT CHECK (settlement IN ('replacement', 'refund', 'return')),
            replacement_order_id UUID REFERENCES orders (id),
            return_id UUID REFERENCES order_return (id),
            refunded_minor BIGINT NOT NULL,
            voided_minor BIGINT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            settled_at TIMESTAMPTZ,
            CHECK (refunded_minor >= 0 AND voided_minor >= 0)
        );
        CREATE INDEX order_claim_order ON order_claim (order_id);
        CREATE INDEX order_claim_owner ON order_claim (owner_id, id);
        CREATE INDEX order_claim_status ON order_claim (status, id);
        """
    )
