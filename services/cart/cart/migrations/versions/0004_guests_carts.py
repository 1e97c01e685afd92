"""Carts of guests, who may not buy everywhere."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Older processes neither write nor read it. A guest's cart that they make is one of a guest at
    # the guest's next change of it.
    run_sql("ALTER TABLE cart ADD COLUMN is_guests BOOLEAN NOT NULL DEFAULT FALSE")
