"""Reviews by buyers, their votes, the rating on product pages, and who bought what."""

from chassis.data.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE page_supplement (
            product_id UUID PRIMARY KEY,
            ones BIGINT NOT NULL,
            twos BIGINT NOT NULL,
            threes BIGINT NOT NULL,
            fours BIGINT NOT NULL,
            fives BIGINT NOT NULL,
            page_part BYTEA NOT NULL,
            version BIGINT NOT NULL,
            CHECK (least(ones, twos, threes, fours, fives) >= 0)
        );

        CREATE TABLE purchased_order (
            order_id UUID PRIMARY KEY,
            buyer_id UUID,
            product_ids UUID[] NOT NULL,
            is_cancelled BOOLEAN NOT NULL,
            placed_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX purchased_order_buyer_id ON purchased_order (buyer_id);
        CREATE TABLE buyer_guest (
            guest_id UUID PRIMARY KEY,
            customer_id UUID NOT NULL
        );
        CREATE INDEX buyer_guest_customer_id ON buyer_guest (customer_id);

        CREATE TABLE review (
            id UUID PRIMARY KEY,
            product_id UUID NOT NULL,
            customer_id UUID,
            rating SMALLINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            locale TEXT NOT NULL,
            author_name TEXT NOT NULL,
            images JSONB NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
            reason TEXT NOT NULL,
            helpful BIGINT NOT NULL CHECK (helpful >= 0),
            unhelpful BIGINT NOT NULL CHECK (unhelpful >= 0),
            answer TEXT NOT NULL,
            answered_at TIMESTAMPTZ,
            created_at TIMESTAMPTZ NOT NULL,
            version BIGINT NOT NULL,
            UNIQUE (customer_id, product_id)
        );
        CREATE INDEX review_newest ON review (product_id, id) WHERE status = 'approved';
        CREATE INDEX review_helpful ON review (product_id, helpful, id) WHERE status = 'approved';
        CREATE INDEX review_rating ON review (product_id, rating, id) WHERE status = 'approved';
        CREATE INDEX review_status ON review (status, id);
        CREATE TABLE review_vote (
            review_id UUID NOT NULL REFERENCES review (id) ON DELETE CASCADE,
            customer_id UUID NOT NULL,
            is_helpful BOOLEAN NOT NULL,
            PRIMARY KEY (review_id, customer_id)
        );
        CREATE INDEX review_vote_customer_id ON review_vote (customer_id);
        """
    )
