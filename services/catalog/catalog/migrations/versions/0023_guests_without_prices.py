"""Channels whose guests see no prices."""

from chassis.data.migrations import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # Older processes leave out a channel of the new policy: set it when all of them are gone.
    run_sql(
        """
        ALTER TABLE channel DROP CONSTRAINT channel_guest_policy_check;
        ALTER TABLE channel ADD CONSTRAINT channel_guest_policy_check
            CHECK (guest_policy IN ('buy', 'look', 'no_prices'));
        """
    )
