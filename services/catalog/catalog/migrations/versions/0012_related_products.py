"""Related products: by hand, by rules, and bought together."""

from chassis.data.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE page_supplement
            ADD COLUMN related JSONB NOT NULL DEFAULT '{}',
            ADD COLUMN computed JSONB NOT NULL DEFAULT '{}';

        CREATE TABLE related_product_list (
            product_id UUID NOT NULL,
            relation TEXT NOT NULL
                CHECK (relation IN ('cross_sell', 'up_sell', 'accessory', 'substitute', 'bought_together')),
            related_ids UUID[] NOT NULL,
            version BIGINT NOT NULL,
            PRIMARY KEY (product_id, relation)
        );
        CREATE TABLE relation_rule (
            code TEXT PRIMARY KEY,
            relation TEXT NOT NULL
                CHECK (relation IN ('cross_sell', 'up_sell', 'accessory', 'substitute', 'bought_together')),
            category_id UUID,
            same_category BOOLEAN NOT NULL,
            target_category_id UUID,
            same_brand BOOLEAN NOT NULL,
            same_attributes JSONB NOT NULL,
            least_price_percent INTEGER NOT NULL,
            most_price_percent INTEGER NOT NULL,
            most INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            is_active BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            CHECK (same_category <> (target_category_id IS NOT NULL))
        );
        CREATE TABLE relation_sweep (
            name TEXT PRIMARY KEY,
            last_id UUID NOT NULL
        );
        CREATE TABLE bought_together (
            product_id UUID NOT NULL,
            other_id UUID NOT NULL,
            orders BIGINT NOT NULL,
            PRIMARY KEY (product_id, other_id)
        );
        CREATE INDEX bought_together_most ON bought_together (product_id, orders);
        """
    )
