"""Customers, credentials, sessions, keys."""

from chassis.data.migrations import create_chassis_tables, run_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    run_sql(
        """
        CREATE TABLE customer (
            id UUID PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            first_name TEXT NOT NULL,
            last_name TEXT NOT NULL,
            phone_number TEXT NOT NULL,
            locale TEXT NOT NULL,
            channel TEXT NOT NULL,
            version BIGINT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            last_login_at TIMESTAMPTZ
        );
        CREATE TABLE customer_guest (
            guest_id UUID PRIMARY KEY,
            customer_id UUID NOT NULL REFERENCES customer ON DELETE CASCADE,
            linked_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX customer_guest_customer_id ON customer_guest (customer_id);
        CREATE TABLE staff (
            id UUID PRIMARY KEY,
            email TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL CHECK (role IN ('admin', 'catalog_manager', 'fulfilment', 'support')),
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE credential (
            email_digest BYTEA PRIMARY KEY,
            subject_id UUID NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('customer', 'staff')),
            password_hash TEXT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE login_attempt (
            email_digest BYTEA PRIMARY KEY,
            failures INTEGER NOT NULL,
            failed_at TIMESTAMPTZ NOT NULL,
            locked_until TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX login_attempt_failed_at ON login_attempt (failed_at);
        CREATE TABLE registration (
            idempotency_key TEXT PRIMARY KEY,
            fingerprint BYTEA NOT NULL,
            customer_id UUID NOT NULL REFERENCES customer ON DELETE CASCADE,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX registration_created_at ON registration (created_at);
        CREATE TABLE session (
            id UUID PRIMARY KEY,
            subject_id UUID NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('guest', 'customer', 'staff')),
            channel TEXT NOT NULL,
            refresh_digest BYTEA NOT NULL,
            previous_digest BYTEA,
            rotated_at TIMESTAMPTZ,
            created_at TIMESTAMPTZ NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL,
            revoked_at TIMESTAMPTZ
        );
        CREATE INDEX session_expires_at ON session (expires_at);
        -- Guests are never looked up by subject, and they are most of the rows.
        CREATE INDEX session_subject_id ON session (subject_id) WHERE kind <> 'guest';
        CREATE TABLE signing_key (
            id UUID PRIMARY KEY,
            public_jwk JSONB NOT NULL,
            private_sealed BYTEA NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            signs_from TIMESTAMPTZ NOT NULL,
            verifies_until TIMESTAMPTZ
        );
        CREATE TABLE address (
            id UUID PRIMARY KEY,
            customer_id UUID NOT NULL REFERENCES customer ON DELETE CASCADE,
            organization_id UUID,
            first_name TEXT NOT NULL,
            last_name TEXT NOT NULL,
            organization TEXT NOT NULL,
            street_address TEXT NOT NULL,
            address_locality TEXT NOT NULL,
            address_region TEXT NOT NULL,
            postal_code TEXT NOT NULL,
            address_country TEXT NOT NULL,
            phone_number TEXT NOT NULL,
            is_default BOOLEAN NOT NULL,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX address_customer_id ON address (customer_id, id);
        CREATE UNIQUE INDEX address_default ON address (customer_id) WHERE is_default;
        CREATE TABLE consent (
            customer_id UUID NOT NULL REFERENCES customer ON DELETE CASCADE,
            category TEXT NOT NULL CHECK (category IN ('analytics', 'marketing', 'personalization')),
            granted BOOLEAN NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (customer_id, category)
        );
        CREATE TABLE consent_change (
            id UUID PRIMARY KEY,
            customer_id UUID NOT NULL REFERENCES customer ON DELETE CASCADE,
            category TEXT NOT NULL,
            granted BOOLEAN NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX consent_change_customer_id ON consent_change (customer_id, id);
        """
    )
