"""Pick-up locations, found by place."""

from chassis.data.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE pickup_location (
            code TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            street_address TEXT NOT NULL,
            address_locality TEXT NOT NULL,
            address_region TEXT NOT NULL,
            postal_code TEXT NOT NULL,
            country TEXT NOT NULL,
            phone_number TEXT NOT NULL,
            latitude DOUBLE PRECISION NOT NULL CHECK (latitude BETWEEN -90 AND 90),
            longitude DOUBLE PRECISION NOT NULL CHECK (longitude BETWEEN -180 AND 180),
            time_zone TEXT NOT NULL,
            warehouse TEXT NOT NULL,
            hours JSONB NOT NULL,
            special_hours JSONB NOT NULL,
            services JSONB NOT NULL,
            is_active BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX pickup_location_place ON pickup_location USING gist (point(longitude, latitude));
        CREATE INDEX pickup_location_postal_code ON pickup_location (country, postal_code);
        CREATE INDEX pickup_location_warehouse ON pickup_location (warehouse);
        """
    )
