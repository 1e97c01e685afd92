"""Parts of reservations that went back on hand."""

from chassis.data.migrations import run_sql

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE reservation_restock (
    id UUID PRIMARY KEY,
    reservation_id UUID NOT NULL REFERENCES reservation (id),
    created_at TIMESTAMPTZ NOT NULL
);
"""
    )
