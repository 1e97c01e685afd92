"""Packed volumes of variants, for delivery."""

from chassis.data.migrations import run_sql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_sql(
        "ALTER TABLE variant ADD COLUMN volume_cm3 BIGINT NOT NULL DEFAULT 0"
        " CHECK (volume_cm3 >= 0)"
    )
