"""Carts, promotions, redemptions, and who ordered how often."""

from chassis.migrate import create_chassis_tables, run_sql

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
            channel TEXT NOT NULL,
            currency TEXT NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
            locale TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('open', 'abandoned', 'ordered', 'merged')),
            coupon_codes JSONB NOT NULL,
            email TEXT NOT NULL,
            remind BOOLEAN NOT NULL,
            order_id UUID,
            created_at TIMESTAMPTZ NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL,
            version INTEGER NOT NULL
        );
        CREATE INDEX cart_of_owner ON cart (owner_id, id DESC) WHERE status IN ('open', 'abandoned');
        CREATE TABLE cart_line (
            id UUID PRIMARY KEY,
            cart_id UUID NOT NULL REFERENCES cart (id),
            variant_id UUID NOT NULL,
            product_id UUID NOT NULL,
            quantity BIGINT NOT NULL CHECK (quantity > 0),
            title TEXT NOT NULL,
            seen_price_minor BIGINT NOT NULL,
            UNIQUE (cart_id, variant_id)
        );
        CREATE TABLE promotion (
            id UUID PRIMARY KEY,
            code TEXT NOT NULL UNIQUE,
            label JSONB NOT NULL,
            percent_basis_points INTEGER NOT NULL CHECK (percent_basis_points BETWEEN 1 AND 10000),
            first_order_only BOOLEAN NOT NULL,
            minimum_subtotals JSONB NOT NULL,
            coupon_codes JSONB NOT NULL,
            category_slugs JSONB NOT NULL,
            starts_at TIMESTAMPTZ,
            ends_at TIMESTAMPTZ,
            usage_limit BIGINT NOT NULL CHECK (usage_limit >= 0),
            used BIGINT NOT NULL CHECK (used >= 0),
            active BOOLEAN NOT NULL,
            version INTEGER NOT NULL
        );
        CREATE TABLE coupon (
            code TEXT PRIMARY KEY,
            promotion_id UUID NOT NULL REFERENCES promotion (id)
        );
        CREATE INDEX coupon_of_promotion ON coupon (promotion_id);
        CREATE TABLE redemption (
            order_id UUID PRIMARY KEY,
            cart_id UUID,
            promotion_ids JSONB NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('redeemed', 'undone')),
            redeemed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE first_order_claim (
            buyer TEXT PRIMARY KEY,
            order_id UUID NOT NULL
        );
        CREATE INDEX first_order_claim_order ON first_order_claim (order_id);
        CREATE TABLE counted_order (
            order_id UUID PRIMARY KEY,
            owner_id UUID NOT NULL,
            email_digest TEXT NOT NULL,
            is_cancelled BOOLEAN NOT NULL
        );
        CREATE INDEX counted_order_owner ON counted_order (owner_id) WHERE NOT is_cancelled;
        CREATE INDEX counted_order_email ON counted_order (email_digest) WHERE NOT is_cancelled;
        """
    )
