"""Mails, attempts, preferences."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
        CREATE TABLE mail (
            id UUID PRIMARY KEY,
            dedupe_key TEXT NOT NULL UNIQUE,
            template TEXT NOT NULL,
            topic TEXT NOT NULL CHECK (topic IN ('transactional', 'reminders', 'surveys', 'marketing')),
            locale TEXT NOT NULL,
            channel TEXT NOT NULL,
            recipient TEXT NOT NULL,
            email_digest TEXT NOT NULL,
            owner_id UUID,
            order_id UUID,
            cart_id UUID,
            variables JSONB NOT NULL,
            subject TEXT NOT NULL,
            body_text TEXT NOT NULL,
            body_html TEXT NOT NULL,
            unsubscribe_topic TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'suppressed')),
            reason TEXT NOT NULL,
            tries INTEGER NOT NULL,
            absences INTEGER NOT NULL,
            version BIGINT NOT NULL,
            trace_id TEXT NOT NULL,
            queued_at TIMESTAMPTZ NOT NULL,
            driven_at TIMESTAMPTZ NOT NULL,
            expires_at TIMESTAMPTZ,
            sent_at TIMESTAMPTZ,
            erased_at TIMESTAMPTZ
        );
        CREATE INDEX mail_state ON mail (state, id) WHERE state IN ('queued', 'sending', 'failed');
        CREATE INDEX mail_order_id ON mail (order_id, id) WHERE order_id IS NOT NULL;
        CREATE INDEX mail_owner_id ON mail (owner_id, id) WHERE owner_id IS NOT NULL;
        CREATE INDEX mail_queued_at ON mail (queued_at) WHERE erased_at IS NULL;
        CREATE TABLE attempt (
            mail_id UUID NOT NULL REFERENCES mail ON DELETE CASCADE,
            number INTEGER NOT NULL,
            begun_at TIMESTAMPTZ NOT NULL,
            ended_at TIMESTAMPTZ,
            outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'accepted', 'refused_for_now', 'refused_for_good', 'in_doubt')),
            code_class INTEGER NOT NULL,
            PRIMARY KEY (mail_id, number)
        );
        CREATE TABLE preference (
            email_digest TEXT NOT NULL,
            topic TEXT NOT NULL CHECK (topic IN ('reminders', 'surveys', 'marketing')),
            is_wanted BOOLEAN NOT NULL,
            changed_by TEXT NOT NULL CHECK (changed_by IN ('customer', 'link')),
            changed_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (email_digest, topic)
        );
        -- Which address a customer registered with: their token does not tell.
        CREATE TABLE subscriber (
            customer_id UUID PRIMARY KEY,
            email_digest TEXT NOT NULL
        );
        """
    )
