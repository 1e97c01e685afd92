"""Approval of what customers write, by channel, and votes on answers."""

from chassis.data.migrations import run_sql

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    # Older processes write neither: staff approve what comes by them.
    run_sql(
        """
        ALTER TABLE channel ADD COLUMN contribution_approval TEXT NOT NULL DEFAULT 'by_hand'
            CHECK (contribution_approval IN ('by_hand', 'buyers'));
        ALTER TABLE product_answer ADD COLUMN helpful BIGINT NOT NULL DEFAULT 0
            CHECK (helpful >= 0);
        ALTER TABLE product_answer ADD COLUMN unhelpful BIGINT NOT NULL DEFAULT 0
            CHECK (unhelpful >= 0);
        CREATE TABLE product_answer_vote (
            answer_id UUID NOT NULL REFERENCES product_answer (id) ON DELETE CASCADE,
            customer_id UUID NOT NULL,
            is_helpful BOOLEAN NOT NULL,
            PRIMARY KEY (answer_id, customer_id)
        );
        CREATE INDEX product_answer_vote_customer_id ON product_answer_vote (customer_id);
        """
    )
