"""Order of touchpoints of one time, device, money, and the import that brought them."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE touchpoint
            ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0,
            ADD COLUMN device TEXT NOT NULL DEFAULT '',
            ADD COLUMN amount_minor BIGINT,
            ADD COLUMN currency TEXT NOT NULL DEFAULT '',
            ADD COLUMN import_id UUID;
        CREATE INDEX touchpoint_import ON touchpoint (import_id) WHERE import_id IS NOT NULL;
        """
    )
