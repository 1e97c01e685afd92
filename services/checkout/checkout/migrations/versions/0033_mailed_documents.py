"""Links to documents in mails, and how legal entities mail them."""

from chassis.data.migrations import run_sql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    run_sql(
        """
        ALTER TABLE legal_entity
            ADD COLUMN mails_documents BOOLEAN NOT NULL DEFAULT TRUE,
            ADD COLUMN link_days INTEGER NOT NULL DEFAULT 30 CHECK (link_days > 0);
        CREATE TABLE document_link (
            token_digest BYTEA PRIMARY KEY,
            document_id UUID NOT NULL REFERENCES order_document (id),
            created_at TIMESTAMPTZ NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX document_link_document ON document_link (document_id);
        CREATE INDEX document_link_expires ON document_link (expires_at);
        """
    )
