"""Carts, promotions, redemptions and counts of orders."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
        CREATE TABLE cart (
            id UUID PRIMARY KEY,
            owner_id UUID NOT NULL,
            organization_id UUID,
            channel TEXT NOT NULL CHECK (channel <> ''),
            currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
            locale TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('open', 'abandoned', 'ordered', 'merged')),
            lines JSONB NOT NULL CHECK (jsonb_typeof(lines) = 'array' AND jsonb_array_length(lines) <= 100),
            coupon_codes JSONB NOT NULL CHECK (jsonb_typeof(coupon_codes) = 'array'),
            email TEXT NOT NULL,
            email_digest TEXT NOT NULL CHECK ((email = '') = (email_digest = '')),
            may_remind BOOLEAN NOT NULL,
            merged_into UUID CHECK ((merged_into IS NOT NULL) = (status = 'merged')),
            version BIGINT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        ) WITH (fillfactor = 80);
        CREATE INDEX cart_owner_id ON cart (owner_id) WHERE status IN ('open', 'abandoned');

        CREATE TABLE promotion (
            id UUID PRIMARY KEY,
            code TEXT NOT NULL UNIQUE,
            label JSONB NOT NULL,
            percent_basis_points INTEGER NOT NULL CHECK (percent_basis_points BETWEEN 1 AND 10000),
            first_order_only BOOLEAN NOT NULL,
            minimum_subtotals JSONB NOT NULL,
            coupon_codes JSONB NOT NULL CHECK (jsonb_typeof(coupon_codes) = 'array'),
            category_slugs JSONB NOT NULL CHECK (jsonb_typeof(category_slugs) = 'array'),
            starts_at TIMESTAMPTZ,
            ends_at TIMESTAMPTZ CHECK (ends_at > starts_at),
            usage_limit BIGINT NOT NULL CHECK (usage_limit >= 0),
            used BIGINT NOT NULL CHECK (used >= 0),
            is_active BOOLEAN NOT NULL,
            version BIGINT NOT NULL
        );
        CREATE INDEX promotion_automatic ON promotion (id) WHERE is_active AND coupon_codes = '[]';

        CREATE TABLE coupon (
            code TEXT PRIMARY KEY,
            promotion_id UUID NOT NULL REFERENCES promotion (id)
        );
        CREATE INDEX coupon_promotion_id ON coupon (promotion_id);

        CREATE TABLE redemption (
            order_id UUID PRIMARY KEY,
            cart_id UUID,
            owner_id UUID,
            email_digest TEXT NOT NULL,
            promotion_ids JSONB NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('redeemed', 'undone')),
            is_cancelled BOOLEAN NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            undone_at TIMESTAMPTZ,
            CHECK (status = 'undone' OR (cart_id IS NOT NULL AND owner_id IS NOT NULL))
        );
        CREATE INDEX redemption_owner_id ON redemption (owner_id) WHERE status = 'redeemed' AND NOT is_cancelled;
        CREATE INDEX redemption_email_digest ON redemption (email_digest) WHERE status = 'redeemed' AND NOT is_cancelled;

        -- Orders placed and not cancelled, by the id of the buyer and by the digest of their address. Below zero only while
        -- a cancellation has overtaken its order.
        CREATE TABLE order_count (
            subject TEXT PRIMARY KEY,
            placed INTEGER NOT NULL
        );
        """
    )
