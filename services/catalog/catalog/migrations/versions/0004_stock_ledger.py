"""Warehouses with addresses, rules of stock levels, and the ledger of stock."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Older processes neither write nor read the columns. What they change of a level is recorded later.
    run_sql(
        """
        ALTER TABLE warehouse
            ADD COLUMN street_address TEXT NOT NULL DEFAULT '',
            ADD COLUMN address_locality TEXT NOT NULL DEFAULT '',
            ADD COLUMN address_region TEXT NOT NULL DEFAULT '',
            ADD COLUMN postal_code TEXT NOT NULL DEFAULT '',
            ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'Etc/UTC',
            ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
        ALTER TABLE stock_level
            ADD COLUMN safety_stock BIGINT NOT NULL DEFAULT 0 CHECK (safety_stock >= 0),
            ADD COLUMN low_stock_at_most BIGINT,
            ADD COLUMN recorded BIGINT NOT NULL DEFAULT 0,
            ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
        CREATE INDEX stock_level_of_warehouse ON stock_level (warehouse, variant_id);
        CREATE INDEX stock_level_watched ON stock_level (variant_id, warehouse) WHERE low_stock_at_most IS NOT NULL;

        CREATE TABLE stock_movement (
            id UUID PRIMARY KEY,
            variant_id UUID NOT NULL,
            warehouse TEXT NOT NULL,
            quantity BIGINT NOT NULL CHECK (quantity <> 0),
            on_hand_after BIGINT NOT NULL,
            reason TEXT NOT NULL CHECK (reason IN ('opening', 'receipt', 'correction', 'damage', 'loss', 'return', 'transfer', 'count',
                'sale', 'cancellation', 'unrecorded')),
            reference TEXT NOT NULL,
            note TEXT NOT NULL,
            actor_id UUID,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE stock_policy (
            variant_id UUID PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('none', 'backorder', 'preorder')),
            most BIGINT NOT NULL CHECK (most >= 0),
            expected_at TIMESTAMPTZ,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        ALTER TABLE listing_offer DROP CONSTRAINT listing_offer_availability_check;
        ALTER TABLE listing_offer ADD CONSTRAINT listing_offer_availability_check
            CHECK (availability IN ('in_stock', 'low_stock', 'backorder', 'preorder', 'out_of_stock'));
        CREATE INDEX stock_movement_of_level ON stock_movement (variant_id, warehouse, id);
        CREATE INDEX stock_movement_of_warehouse ON stock_movement (warehouse, id);
        CREATE INDEX stock_movement_by_time ON stock_movement (created_at);
        CREATE INDEX stock_movement_of_reference ON stock_movement (reference, id) WHERE reference <> '';
        """
    )
