"""Bundles and their parts."""

from chassis.data.migrations import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE variant ADD COLUMN is_bundle BOOLEAN NOT NULL DEFAULT FALSE;
        CREATE TABLE bundle (
            variant_id UUID PRIMARY KEY REFERENCES variant (id),
            pricing TEXT NOT NULL CHECK (pricing IN ('own', 'sum')),
            discount_basis_points INTEGER NOT NULL
                CHECK (discount_basis_points BETWEEN 0 AND 9999),
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE bundle_part (
            bundle_id UUID NOT NULL REFERENCES variant (id),
            part_id UUID NOT NULL REFERENCES variant (id),
            quantity BIGINT NOT NULL CHECK (quantity > 0),
            position INTEGER NOT NULL,
            PRIMARY KEY (bundle_id, part_id)
        );
        CREATE INDEX bundle_part_part_id ON bundle_part (part_id);
        """
    )
