"""Payment methods, as staff keep them, and the provider's method of a payment."""

from chassis.data.migrations import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE payment_method (
    code TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    provider_method TEXT NOT NULL,
    titles JSONB NOT NULL,
    descriptions JSONB NOT NULL,
    channels JSONB NOT NULL,
    countries JSONB NOT NULL,
    currencies JSONB NOT NULL,
    customer_groups JSONB NOT NULL,
    amount_from_minor BIGINT NOT NULL CHECK (amount_from_minor >= 0),
    amount_to_minor BIGINT NOT NULL,
    position INTEGER NOT NULL,
    is_preferred BOOLEAN NOT NULL,
    is_enabled BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CHECK (amount_to_minor = 0 OR amount_to_minor >= amount_from_minor)
);
-- Rises with every change of payment methods, which every process follows.
CREATE TABLE payment_method_revision (
    is_only BOOLEAN PRIMARY KEY CHECK (is_only),
    number BIGINT NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
-- The release before writes none: then the method is that of method_id.
ALTER TABLE payment ADD COLUMN provider_method TEXT NOT NULL DEFAULT '';
"""
    )
