"""Nobody reads notes any more."""

from chassis.data.migrations import run_sql

revision = "c0001"
down_revision = None


def upgrade() -> None:
    run_sql("ALTER TABLE entry DROP COLUMN IF EXISTS note")
