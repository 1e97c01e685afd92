"""Legal entities and the documents that they issue."""

from chassis.data.migrations import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE legal_entity (
            code TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            address JSONB NOT NULL,
            vat_id TEXT NOT NULL,
            tax_number TEXT NOT NULL,
            registration TEXT NOT NULL,
            bank_account JSONB NOT NULL,
            email TEXT NOT NULL,
            phone_number TEXT NOT NULL,
            legal_texts JSONB NOT NULL,
            channels JSONB NOT NULL,
            languages JSONB NOT NULL,
            invoice_format TEXT NOT NULL,
            credit_note_format TEXT NOT NULL,
            issues_invoices TEXT NOT NULL CHECK (issues_invoices IN ('shipped', 'paid')),
            time_zone TEXT NOT NULL,
            is_enabled BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            CHECK (vat_id <> '' OR tax_number <> '')
        );
        -- Rises with every change of legal entities, which every process follows.
        CREATE TABLE legal_entity_revision (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            number BIGINT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        -- Numbers without gaps: the row is locked until the document that has its number is stored.
        CREATE TABLE document_counter (
            legal_entity TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
            year INTEGER NOT NULL,
            last BIGINT NOT NULL CHECK (last > 0),
            PRIMARY KEY (legal_entity, kind, year)
        );
        CREATE TABLE order_document (
            id UUID PRIMARY KEY,
            order_id UUID NOT NULL REFERENCES orders (id),
            legal_entity TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
            source TEXT NOT NULL,
            number TEXT NOT NULL,
            invoice_id UUID REFERENCES order_document (id),
            issued_on DATE NOT NULL,
            issued_at TIMESTAMPTZ NOT NULL,
            currency TEXT NOT NULL,
            gross_minor BIGINT NOT NULL,
            content JSONB NOT NULL,
            UNIQUE (order_id, source),
            UNIQUE (legal_entity, number),
            CHECK ((kind = 'credit_note') = (invoice_id IS NOT NULL))
        );
        CREATE INDEX order_document_entity ON order_document (legal_entity, id);
        CREATE TABLE document_file (
            document_id UUID NOT NULL REFERENCES order_document (id),
            format TEXT NOT NULL CHECK (format IN ('pdf', 'xml')),
            content BYTEA NOT NULL,
            sha256 BYTEA NOT NULL,
            PRIMARY KEY (document_id, format)
        );
        """
    )
