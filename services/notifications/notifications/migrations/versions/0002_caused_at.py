"""When that happened which a mail tells of."""

from chassis.data.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Older processes neither write nor read it.
    run_sql("ALTER TABLE mail ADD COLUMN caused_at TIMESTAMPTZ")
