"""Order numbers are taken when an order is placed."""

from chassis.data.migrations import run_sql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql(
        """
ALTER TABLE orders
    ALTER COLUMN number DROP NOT NULL,
    ADD COLUMN number_prefix TEXT NOT NULL DEFAULT 'S';

-- For processes of the release before: they place orders without taking a number.
CREATE FUNCTION number_placed_order() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.number := NEW.number_prefix || '-' || next_order_number(
        CASE WHEN NEW.is_synthetic THEN 'synthetic' ELSE NEW.channel_id END
    );
    RETURN NEW;
END
$$;
CREATE TRIGGER number_placed_order BEFORE UPDATE OF status ON orders FOR EACH ROW
    WHEN (NEW.status = 'placed' AND NEW.number IS NULL) EXECUTE FUNCTION number_placed_order();
"""
    )
