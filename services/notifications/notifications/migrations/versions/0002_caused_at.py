"""The time of the order that a mail confirms."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Older processes neither write nor read it.
    run_sql("ALTER TABLE mail ADD COLUMN caused_at TIMESTAMPTZ")
