"""Confirmed addresses, known devices, mail links, and failed logins by account and network."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE customer ADD COLUMN email_confirmed_at TIMESTAMPTZ;
        UPDATE customer SET email_confirmed_at = created_at;
        -- A process of the release before makes customers whose address is theirs alone: they count as confirmed.
        ALTER TABLE customer ALTER COLUMN email_confirmed_at SET DEFAULT clock_timestamp();
        ALTER TABLE customer DROP CONSTRAINT customer_email_key;
        CREATE UNIQUE INDEX customer_confirmed_email ON customer (email) WHERE email_confirmed_at IS NOT NULL;
        CREATE TABLE unconfirmed_credential (
            customer_id UUID PRIMARY KEY REFERENCES customer ON DELETE CASCADE,
            email_digest BYTEA NOT NULL,
            password_hash TEXT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL,
            -- Parameters and salt: the hash without its last part.
            recipe TEXT NOT NULL GENERATED ALWAYS AS (regexp_replace(password_hash, '[^$]*$', '')) STORED
        );
        CREATE INDEX unconfirmed_credential_recipe ON unconfirmed_credential (email_digest, recipe);
        CREATE INDEX unconfirmed_credential_password_hash ON unconfirmed_credential (email_digest, password_hash, customer_id);
        CREATE TABLE device (
            id UUID NOT NULL,
            subject_id UUID NOT NULL,
            digest BYTEA NOT NULL,
            previous_digest BYTEA,
            expires_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (id, subject_id)
        );
        CREATE INDEX device_subject_id ON device (subject_id);
        CREATE INDEX device_expires_at ON device (expires_at);
        CREATE TABLE mail_link (
            digest BYTEA PRIMARY KEY,
            purpose TEXT NOT NULL CHECK (purpose IN ('confirm_email', 'log_in')),
            subject_id UUID NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX mail_link_expires_at ON mail_link (expires_at);
        -- When a mail was last asked for, and how many were until a day without one: `key` is the digest of an address, or the id of a
        -- customer who asks for their own confirmation.
        CREATE TABLE last_mail (
            key BYTEA NOT NULL,
            purpose TEXT NOT NULL CHECK (purpose IN ('confirm_email', 'registration', 'log_in', 'email_in_use')),
            asked_at TIMESTAMPTZ NOT NULL,
            asked INTEGER NOT NULL,
            PRIMARY KEY (key, purpose)
        );
        CREATE INDEX last_mail_asked_at ON last_mail (asked_at);
        -- In place of login_attempt, which the release before still uses.
        CREATE TABLE login_failure (
            email_digest BYTEA NOT NULL,
            origin_digest BYTEA NOT NULL,
            failures INTEGER NOT NULL,
            failed_at TIMESTAMPTZ NOT NULL,
            locked_until TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (email_digest, origin_digest)
        );
        CREATE INDEX login_failure_failed_at ON login_failure (failed_at);
        CREATE TABLE login_budget (
            email_digest BYTEA PRIMARY KEY,
            failures INTEGER NOT NULL,
            began_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX login_budget_began_at ON login_budget (began_at);
        CREATE INDEX session_unused_guest ON session (created_at) WHERE kind = 'guest' AND rotated_at IS NULL;
        """
    )
