"""Touchpoints, who people are, consents, maps, feedback, reminders."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
        CREATE TABLE touchpoint (
            id UUID PRIMARY KEY,
            visitor_id UUID,
            guest_id UUID,
            customer_id UUID,
            trace_id UUID,
            occurred_at TIMESTAMPTZ NOT NULL,
            received_at TIMESTAMPTZ NOT NULL,
            duration_ms INTEGER CHECK (duration_ms >= 0),
            kind TEXT NOT NULL,
            source TEXT NOT NULL CHECK (source IN ('gateway', 'event', 'beacon', 'import')),
            channel TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'refused', 'error')),
            reason TEXT NOT NULL,
            subject TEXT NOT NULL,
            session_id TEXT NOT NULL,
            utm_source TEXT NOT NULL,
            utm_medium TEXT NOT NULL,
            utm_campaign TEXT NOT NULL,
            utm_term TEXT NOT NULL,
            utm_content TEXT NOT NULL,
            click_id TEXT NOT NULL,
            referrer_host TEXT NOT NULL,
            properties JSONB NOT NULL,
            CHECK (coalesce(visitor_id, guest_id, customer_id) IS NOT NULL)
        );
        CREATE INDEX touchpoint_visitor ON touchpoint (visitor_id) WHERE visitor_id IS NOT NULL;
        CREATE INDEX touchpoint_guest ON touchpoint (guest_id) WHERE guest_id IS NOT NULL;
        CREATE INDEX touchpoint_customer ON touchpoint (customer_id) WHERE customer_id IS NOT NULL;
        CREATE INDEX touchpoint_order ON touchpoint (subject) WHERE kind = 'order.placed';
        -- Rows come in nearly the order of their times: a range reads its blocks only, and the index costs nothing to keep.
        CREATE INDEX touchpoint_occurred_at ON touchpoint USING brin (occurred_at) WITH (pages_per_range = 32, autosummarize = on);

        -- Who was seen together: a visitor with a guest or a customer, a guest with a customer.
        CREATE TABLE sighting (
            handle_id UUID NOT NULL,
            subject_id UUID NOT NULL,
            seen_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (handle_id, subject_id)
        );
        CREATE INDEX sighting_subject ON sighting (subject_id);
        -- Ids that are known to be customers'.
        CREATE TABLE customer (id UUID PRIMARY KEY);
        -- Computed from sightings: whose a visitor's or guest's touchpoints are. No row: their own.
        CREATE TABLE person (
            handle_id UUID PRIMARY KEY,
            group_id UUID NOT NULL,
            customer_id UUID,
            shared_from TIMESTAMPTZ
        );
        CREATE INDEX person_group ON person (group_id);
        CREATE INDEX person_customer ON person (customer_id) WHERE customer_id IS NOT NULL;

        -- The last answer that came with a request, by visitor, guest or customer.
        CREATE TABLE consent (
            handle_id UUID PRIMARY KEY,
            is_granted BOOLEAN NOT NULL,
            decided_at TIMESTAMPTZ NOT NULL,
            withdrawn_at TIMESTAMPTZ
        );
        CREATE TABLE account_consent (
            customer_id UUID PRIMARY KEY,
            analytics BOOLEAN,
            marketing BOOLEAN,
            version BIGINT NOT NULL,
            withdrawn_at TIMESTAMPTZ,
            marketing_refused_at TIMESTAMPTZ
        );

        CREATE TABLE journey_map (
            slug TEXT PRIMARY KEY,
            version BIGINT NOT NULL,
            document JSONB NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE journey_map_version (
            slug TEXT NOT NULL,
            version BIGINT NOT NULL,
            document JSONB NOT NULL,
            changed_by UUID NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (slug, version)
        );

        CREATE TABLE feedback (
            order_id UUID PRIMARY KEY,
            score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 10),
            comment TEXT NOT NULL,
            channel TEXT NOT NULL,
            given_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX feedback_given_at ON feedback (given_at);

        CREATE TABLE reminder (
            id UUID PRIMARY KEY,
            cart_id UUID NOT NULL,
            cart_version BIGINT NOT NULL,
            owner_id UUID NOT NULL,
            email TEXT NOT NULL,
            locale TEXT NOT NULL,
            channel TEXT NOT NULL,
            currency TEXT NOT NULL,
            lines JSONB NOT NULL,
            restore_token TEXT NOT NULL,
            agreed_at TIMESTAMPTZ NOT NULL,
            abandoned_at TIMESTAMPTZ NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('scheduled', 'sent', 'cancelled')),
            reason TEXT NOT NULL,
            settled_at TIMESTAMPTZ,
            UNIQUE (cart_id, cart_version)
        );
        CREATE INDEX reminder_owner ON reminder (owner_id);
        CREATE INDEX reminder_settled_at ON reminder (settled_at) WHERE settled_at IS NOT NULL;
        -- The newest version of a cart after which its shopper was there; by guest id, that the guest's carts are merged.
        CREATE TABLE cart_activity (
            key_id UUID PRIMARY KEY,
            version BIGINT NOT NULL,
            seen_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX cart_activity_seen_at ON cart_activity (seen_at);
        """
    )
