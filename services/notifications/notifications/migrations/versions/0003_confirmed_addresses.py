"""Confirmed addresses, opt-ins, and an index to count the mails to an address."""

from chassis.data.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE confirmed_address (
            email_digest TEXT PRIMARY KEY,
            confirmed_by TEXT NOT NULL CHECK (confirmed_by IN ('account', 'link')),
            confirmed_at TIMESTAMPTZ NOT NULL
        );
        CREATE TABLE opt_in (
            email_digest TEXT PRIMARY KEY,
            token_digest TEXT NOT NULL UNIQUE,
            asked_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX opt_in_asked_at ON opt_in (asked_at);
        -- Until now an address had one customer at the most, so that theirs counts as confirmed.
        ALTER TABLE subscriber ADD COLUMN confirmed_at TIMESTAMPTZ;
        UPDATE subscriber SET confirmed_at = transaction_timestamp();
        INSERT INTO confirmed_address SELECT DISTINCT email_digest, 'account', transaction_timestamp() FROM subscriber;
        CREATE INDEX mail_email_digest ON mail (email_digest, queued_at);
        """
    )
