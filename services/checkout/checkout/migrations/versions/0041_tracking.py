"""Events of parcels, and the time from which a parcel is late."""

from chassis.data.migrations import run_sql

revision = "0041"
down_revision = "0040"
_STATUSES = "('in_transit', 'out_for_delivery', 'delivered', 'failed_attempt', 'returned')"


def upgrade() -> None:
    # Older shipments have no time from which they are late: none is told to be.
    run_sql(
        f"""
        ALTER TABLE delivery_carrier ADD COLUMN integration TEXT NOT NULL DEFAULT '';
        ALTER TABLE delivery_method
            ADD COLUMN grace_days INTEGER NOT NULL DEFAULT 0 CHECK (grace_days >= 0);
        ALTER TABLE shipment
            ADD COLUMN tracking_status TEXT CHECK (tracking_status IN {_STATUSES}),
            ADD COLUMN late_from TIMESTAMPTZ;
        CREATE INDEX shipment_parcel
            ON shipment (carrier_code, upper(replace(tracking_number, ' ', '')))
            WHERE carrier_code <> '';
        CREATE TABLE shipment_event (
            shipment_id UUID NOT NULL REFERENCES shipment (id),
            event_id TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN {_STATUSES}),
            occurred_at TIMESTAMPTZ NOT NULL,
            received_at TIMESTAMPTZ NOT NULL,
            place TEXT NOT NULL,
            country TEXT NOT NULL,
            note TEXT NOT NULL,
            signed_by TEXT NOT NULL,
            picture_reference TEXT NOT NULL,
            PRIMARY KEY (shipment_id, event_id)
        );
        CREATE TABLE waiting_parcel_event (
            carrier_code TEXT NOT NULL,
            event_id TEXT NOT NULL,
            tracking_key TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN {_STATUSES}),
            occurred_at TIMESTAMPTZ NOT NULL,
            received_at TIMESTAMPTZ NOT NULL,
            place TEXT NOT NULL,
            country TEXT NOT NULL,
            note TEXT NOT NULL,
            signed_by TEXT NOT NULL,
            picture_reference TEXT NOT NULL,
            PRIMARY KEY (carrier_code, event_id)
        );
        CREATE INDEX waiting_parcel_event_parcel
            ON waiting_parcel_event (carrier_code, tracking_key);
        CREATE INDEX waiting_parcel_event_received ON waiting_parcel_event (received_at);
        """
    )
