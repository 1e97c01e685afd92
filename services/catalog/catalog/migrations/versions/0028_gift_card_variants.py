"""Variants that are gift cards."""

from chassis.data.migrations import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE gift_card_variant (
            variant_id UUID PRIMARY KEY REFERENCES variant (id),
            face_values JSONB NOT NULL,
            version BIGINT NOT NULL,
            updated_at TIMESTAMPTZ NOT NULL
        );
        """
    )
