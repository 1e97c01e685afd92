"""Costs of a unit of each variant, as the catalogue tells."""

from chassis.data.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE unit_cost (
            variant_id UUID PRIMARY KEY,
            amount_minor BIGINT,
            currency TEXT NOT NULL,
            told_at TIMESTAMPTZ NOT NULL
        );
        """
    )
