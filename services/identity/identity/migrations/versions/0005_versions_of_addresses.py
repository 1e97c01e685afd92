"""Versions of addresses."""

from chassis.data.migrations import run_sql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Changes by older processes keep the version.
    run_sql("ALTER TABLE address ADD COLUMN version BIGINT NOT NULL DEFAULT 1")
