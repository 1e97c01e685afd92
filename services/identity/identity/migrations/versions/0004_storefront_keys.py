"""API keys of storefronts."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE api_key DROP CONSTRAINT api_key_role_check;
        ALTER TABLE api_key ADD CONSTRAINT api_key_role_check
            CHECK (role IN ('synthetic', 'storefront'));
        """
    )
