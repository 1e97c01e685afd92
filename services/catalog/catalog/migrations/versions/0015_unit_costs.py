"""Costs of a unit of each variant."""

from chassis.data.migrations import run_sql

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE variant
            ADD COLUMN cost_minor BIGINT CHECK (cost_minor >= 0),
            ADD COLUMN cost_currency TEXT,
            ADD CONSTRAINT variant_cost_check CHECK ((cost_minor IS NULL) = (cost_currency IS NULL));
        """
    )
