"""Exemptions of customers and organizations from taxes."""

from chassis.data.migrations import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE tax_exemption (
            code TEXT PRIMARY KEY,
            customer_id UUID,
            organization_id UUID,
            reasons JSONB NOT NULL,
            certificate_number TEXT NOT NULL,
            places JSONB NOT NULL,
            valid_from DATE,
            valid_to DATE,
            version BIGINT NOT NULL,
            CHECK ((customer_id IS NULL) <> (organization_id IS NULL)),
            CHECK (valid_to > valid_from)
        );
        CREATE INDEX tax_exemption_customer ON tax_exemption (customer_id)
            WHERE customer_id IS NOT NULL;
        CREATE INDEX tax_exemption_organization ON tax_exemption (organization_id)
            WHERE organization_id IS NOT NULL;
        -- Rises with every change of exemptions, which every process follows.
        CREATE TABLE tax_exemption_revision (
            is_only BOOLEAN PRIMARY KEY CHECK (is_only),
            number BIGINT NOT NULL,
            changed_at TIMESTAMPTZ NOT NULL
        );
        """
    )
