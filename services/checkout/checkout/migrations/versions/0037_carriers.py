"""Carriers of parcels, to which methods and shipments refer."""

from chassis.data.migrations import run_sql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    # Names of carriers that are free text stay as they are.
    run_sql(
        """
        CREATE TABLE delivery_carrier (
            code TEXT PRIMARY KEY,
            titles JSONB NOT NULL,
            tracking_url_template TEXT NOT NULL,
            phone_number TEXT NOT NULL,
            email TEXT NOT NULL,
            help_url TEXT NOT NULL,
            channels JSONB NOT NULL,
            is_disabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL
        );
        ALTER TABLE delivery_method ADD COLUMN carrier_code TEXT NOT NULL DEFAULT '';
        ALTER TABLE shipment ADD COLUMN carrier_code TEXT NOT NULL DEFAULT '';
        """
    )
