"""Labels of shipments, which carriers make."""

from chassis.data.migrations import run_sql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE shipment_label (
            id UUID PRIMARY KEY,
            shipment_id UUID NOT NULL REFERENCES shipment (id),
            order_id UUID NOT NULL REFERENCES orders (id),
            status TEXT NOT NULL
                CHECK (status IN ('requested', 'ready', 'voiding', 'voided', 'refused')),
            integration TEXT NOT NULL,
            carrier_label_id TEXT NOT NULL,
            tracking_number TEXT NOT NULL,
            problem TEXT NOT NULL,
            requested_by UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX shipment_label_shipment ON shipment_label (shipment_id);
        CREATE UNIQUE INDEX shipment_label_live ON shipment_label (shipment_id)
            WHERE status IN ('requested', 'ready', 'voiding');
        CREATE TABLE shipment_label_file (
            label_id UUID PRIMARY KEY REFERENCES shipment_label (id),
            media_type TEXT NOT NULL,
            content BYTEA NOT NULL,
            sha256 BYTEA NOT NULL
        );
        """
    )
