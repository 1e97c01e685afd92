"""Digital goods: files, licence keys, and what orders brought of them."""

from chassis.data.migrations import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE variant ADD COLUMN kind TEXT NOT NULL DEFAULT 'physical'
            CHECK (kind IN ('physical', 'digital', 'gift_card'));
        CREATE TABLE digital_good (
            variant_id UUID PRIMARY KEY REFERENCES variant (id),
            needs_keys BOOLEAN NOT NULL,
            download_limit INTEGER NOT NULL CHECK (download_limit >= 0),
            download_days INTEGER NOT NULL CHECK (download_days >= 0),
            low_keys_at_most INTEGER NOT NULL CHECK (low_keys_at_most >= 0),
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE digital_file (
            id UUID PRIMARY KEY,
            variant_id UUID NOT NULL REFERENCES variant (id),
            name TEXT NOT NULL,
            part_keys JSONB NOT NULL,
            part_bytes JSONB NOT NULL,
            is_complete BOOLEAN NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            deleted_at TIMESTAMPTZ
        );
        CREATE INDEX digital_file_variant ON digital_file (variant_id);
        CREATE TABLE licence_key (
            id UUID PRIMARY KEY,
            variant_id UUID NOT NULL REFERENCES variant (id),
            value TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('free', 'assigned', 'delivered', 'revoked')),
            order_id UUID,
            created_at TIMESTAMPTZ NOT NULL,
            delivered_at TIMESTAMPTZ,
            revoked_at TIMESTAMPTZ,
            UNIQUE (variant_id, value),
            CONSTRAINT licence_key_free_check CHECK ((status = 'free') <= (order_id IS NULL))
        );
        CREATE INDEX licence_key_free ON licence_key (variant_id, id) WHERE status = 'free';
        CREATE INDEX licence_key_order ON licence_key (order_id) WHERE order_id IS NOT NULL;
        CREATE TABLE digital_delivery (
            order_id UUID NOT NULL,
            variant_id UUID NOT NULL,
            sku TEXT NOT NULL,
            title TEXT NOT NULL,
            options TEXT NOT NULL,
            delivered_at TIMESTAMPTZ NOT NULL,
            downloads_end_at TIMESTAMPTZ,
            revoked_at TIMESTAMPTZ,
            PRIMARY KEY (order_id, variant_id)
        );
        CREATE TABLE digital_download (
            order_id UUID NOT NULL,
            file_id UUID NOT NULL REFERENCES digital_file (id),
            downloads BIGINT NOT NULL,
            PRIMARY KEY (order_id, file_id)
        );
        """
    )
