"""Organizations whose members customers are."""

from chassis.data.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Older processes neither write nor read it: their tokens name no organization.
    run_sql("ALTER TABLE customer ADD COLUMN organization_ids JSONB NOT NULL DEFAULT '[]'")
