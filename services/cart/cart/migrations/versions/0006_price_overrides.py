"""The limit of prices that staff agree with shoppers."""

from chassis.data.migrations import run_sql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql(
        """
CREATE TABLE price_override_settings (
    channel TEXT PRIMARY KEY,
    most_basis_points INTEGER NOT NULL CHECK (most_basis_points BETWEEN 0 AND 10000),
    version BIGINT NOT NULL
);
"""
    )
