"""Products and variants that staff find and change."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Older processes neither write nor read the columns; each has a default.
    run_sql(
        """
        ALTER TABLE product
            ADD COLUMN is_sellable BOOLEAN NOT NULL DEFAULT TRUE,
            ADD COLUMN own_data JSONB NOT NULL DEFAULT '{}',
            ADD COLUMN edited_fields JSONB NOT NULL DEFAULT '[]',
            ADD COLUMN deleted_at TIMESTAMPTZ,
            ADD CHECK (NOT (is_published AND deleted_at IS NOT NULL));
        CREATE INDEX product_updated ON product (updated_at, id) WHERE deleted_at IS NULL;
        CREATE INDEX product_words ON product USING gin (to_tsvector('simple'::regconfig, title));
        CREATE INDEX product_tags ON product USING gin (tags);
        ALTER TABLE variant
            ADD COLUMN is_own BOOLEAN NOT NULL DEFAULT FALSE,
            ADD COLUMN imported_sku TEXT,
            ADD COLUMN edited_fields JSONB NOT NULL DEFAULT '[]',
            ADD COLUMN deleted_at TIMESTAMPTZ,
            ADD CHECK (NOT (is_active AND deleted_at IS NOT NULL));
        CREATE INDEX variant_barcode ON variant (barcode) WHERE barcode <> '';
        CREATE UNIQUE INDEX variant_imported_sku ON variant (imported_sku) WHERE imported_sku IS NOT NULL;
        """
    )
