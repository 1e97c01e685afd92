"""Digital goods in bundles, as orders reserved them."""

from chassis.data.migrations import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE reserved_digital_part (
            order_id UUID NOT NULL,
            bundle_id UUID NOT NULL,
            variant_id UUID NOT NULL,
            quantity BIGINT NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (order_id, bundle_id, variant_id)
        );
        """
    )
