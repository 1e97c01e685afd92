"""Units and masses of order lines."""

from chassis.data.migrations import run_sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Older processes neither write nor read them; what they sold by weight or length is then shown in pieces.
    run_sql(
        """
        ALTER TABLE order_line ADD COLUMN scale INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE order_line ADD COLUMN unit_code TEXT NOT NULL DEFAULT 'C62';
        ALTER TABLE order_line ADD COLUMN mass_grams BIGINT NOT NULL DEFAULT 0;
        """
    )
