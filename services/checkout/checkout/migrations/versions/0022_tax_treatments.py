"""VAT ids of buyers, how orders were taxed, and more settings of taxes."""

from chassis.data.migrations import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE tax_settings
            ADD COLUMN delivery_tax_rule TEXT NOT NULL DEFAULT 'proportional'
                CHECK (delivery_tax_rule IN ('proportional', 'main', 'highest')),
            ADD COLUMN seller_vat_id TEXT NOT NULL DEFAULT '',
            ADD COLUMN unconfirmed_vat_ids TEXT NOT NULL DEFAULT 'refuse'
                CHECK (unconfirmed_vat_ids IN ('refuse', 'accept')),
            ADD COLUMN deducts_on_export BOOLEAN NOT NULL DEFAULT FALSE;
        ALTER TABLE checkout ADD COLUMN vat_id JSONB;
        ALTER TABLE orders ADD COLUMN taxation JSONB;
        CREATE TABLE vat_id_answer (
            vat_id TEXT NOT NULL,
            requester TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'unconfirmed'))
                CHECK (status <> 'unconfirmed'),
            checked_at TIMESTAMPTZ NOT NULL,
            consultation_number TEXT NOT NULL,
            authority TEXT NOT NULL,
            PRIMARY KEY (vat_id, requester)
        );
        CREATE INDEX vat_id_answer_checked ON vat_id_answer (checked_at);
        """
    )
