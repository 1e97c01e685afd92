"""Price lists with audiences and schedules, quantity tiers, and the history of prices."""

from chassis.data.migrations import run_sql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Older processes read a channel's own list alone. Other lists of before stay without effect until staff make them active.
    run_sql(
        """
        ALTER TABLE price_list
            ADD COLUMN name TEXT NOT NULL DEFAULT '',
            ADD COLUMN currency TEXT NOT NULL DEFAULT '',
            ADD COLUMN customer_group TEXT NOT NULL DEFAULT '',
            ADD COLUMN priority INTEGER NOT NULL DEFAULT 0,
            ADD COLUMN is_active BOOLEAN NOT NULL DEFAULT FALSE,
            ADD COLUMN valid_from TIMESTAMPTZ,
            ADD COLUMN valid_to TIMESTAMPTZ,
            ADD COLUMN version BIGINT NOT NULL DEFAULT 1,
            ADD CHECK (organization_id IS NULL OR customer_group = ''),
            ADD CHECK (valid_to > valid_from);
        CREATE INDEX price_list_of_channel ON price_list (channel, code);

        CREATE TABLE price_tier (
            variant_id UUID NOT NULL,
            price_list TEXT NOT NULL,
            currency TEXT NOT NULL,
            min_quantity BIGINT NOT NULL CHECK (min_quantity > 1),
            amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
            PRIMARY KEY (variant_id, price_list, currency, min_quantity)
        );
        CREATE INDEX price_of_list ON price (price_list, variant_id, currency);

        CREATE TABLE price_history (
            variant_id UUID NOT NULL,
            channel TEXT NOT NULL,
            currency TEXT NOT NULL,
            from_at TIMESTAMPTZ NOT NULL,
            amount_minor BIGINT NOT NULL,
            PRIMARY KEY (variant_id, channel, currency, from_at)
        );
        -- What everybody pays today is where the history begins.
        INSERT INTO price_history (variant_id, channel, currency, from_at, amount_minor)
            SELECT p.variant_id, c.code, p.currency, now(), p.amount_minor FROM price p JOIN channel c ON c.price_list = p.price_list
            WHERE c.currencies ? p.currency;
        """
    )
