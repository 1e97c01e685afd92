"""Saved payment methods, and the customers that providers keep them for."""

from chassis.data.migrations import run_sql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE payment_customer (
            customer_id UUID NOT NULL,
            provider TEXT NOT NULL,
            reference TEXT NOT NULL,
            is_forgotten BOOLEAN NOT NULL DEFAULT false,
            created_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (customer_id, provider),
            UNIQUE (provider, reference)
        );
        CREATE TABLE saved_payment_method (
            id UUID PRIMARY KEY,
            customer_id UUID NOT NULL,
            provider TEXT NOT NULL,
            provider_method TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'active', 'failed', 'detaching')),
            token TEXT NOT NULL DEFAULT '',
            set_up_id TEXT NOT NULL DEFAULT '',
            brand TEXT NOT NULL DEFAULT '',
            last_four TEXT NOT NULL DEFAULT '',
            expires_month INTEGER NOT NULL DEFAULT 0 CHECK (expires_month BETWEEN 0 AND 12),
            expires_year INTEGER NOT NULL DEFAULT 0,
            decline_code TEXT NOT NULL DEFAULT '',
            preferred_at TIMESTAMPTZ,
            created_at TIMESTAMPTZ NOT NULL,
            CHECK (status <> 'active' OR token <> '')
        );
        CREATE INDEX saved_payment_method_customer ON saved_payment_method (customer_id, id);
        CREATE UNIQUE INDEX saved_payment_method_token ON saved_payment_method (provider, token)
            WHERE token <> '';
        ALTER TABLE checkout ADD COLUMN saved_payment_method_id UUID;
        ALTER TABLE checkout ADD COLUMN saves_payment_method BOOLEAN NOT NULL DEFAULT false;
        ALTER TABLE payment ADD COLUMN saved_payment_method_id UUID;
        ALTER TABLE payment ADD COLUMN provider_customer TEXT NOT NULL DEFAULT '';
        ALTER TABLE payment ADD COLUMN saves_method BOOLEAN NOT NULL DEFAULT false;
        ALTER TABLE payment ADD COLUMN is_off_session BOOLEAN NOT NULL DEFAULT false;
        """
    )
