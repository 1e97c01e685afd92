"""Pictures that buyers add to returns."""

from chassis.data.migrations import run_sql

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE return_picture (
            return_id UUID NOT NULL REFERENCES order_return (id),
            number INTEGER NOT NULL CHECK (number > 0),
            content BYTEA NOT NULL,
            sha256 BYTEA NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            added_at TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (return_id, number)
        );
        ALTER TABLE after_sale_settings
            ADD COLUMN return_pictures INTEGER NOT NULL DEFAULT 5 CHECK (return_pictures >= 0);
        """
    )
