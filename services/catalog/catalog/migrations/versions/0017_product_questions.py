"""Questions about products and their answers."""

from chassis.data.migrations import run_sql

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE product_question (
            id UUID PRIMARY KEY,
            product_id UUID NOT NULL,
            customer_id UUID,
            body TEXT NOT NULL,
            locale TEXT NOT NULL,
            author_name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
            reason TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            version BIGINT NOT NULL
        );
        CREATE INDEX product_question_newest ON product_question (product_id, id) WHERE status = 'approved';
        CREATE INDEX product_question_status ON product_question (status, id);
        CREATE INDEX product_question_customer ON product_question (customer_id, id);
        CREATE TABLE product_answer (
            id UUID PRIMARY KEY,
            question_id UUID NOT NULL REFERENCES product_question (id) ON DELETE CASCADE,
            customer_id UUID,
            is_merchants BOOLEAN NOT NULL,
            body TEXT NOT NULL,
            author_name TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
            reason TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            version BIGINT NOT NULL
        );
        CREATE INDEX product_answer_question ON product_answer (question_id, id);
        CREATE INDEX product_answer_status ON product_answer (status, id);
        CREATE INDEX product_answer_customer ON product_answer (customer_id, id);
        """
    )
