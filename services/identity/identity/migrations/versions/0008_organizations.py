"""Organizations that buy, their members and their invitations."""

from chassis.data.migrations import run_sql

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_sql(
        """
        CREATE TABLE organization (
            id UUID PRIMARY KEY,
            name TEXT NOT NULL,
            external_id TEXT NOT NULL DEFAULT '',
            is_active BOOLEAN NOT NULL,
            version BIGINT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL
        );
        CREATE INDEX organization_name ON organization (name, id);
        CREATE UNIQUE INDEX organization_external_id ON organization (external_id)
            WHERE external_id <> '';
        CREATE TABLE organization_member (
            organization_id UUID NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
            customer_id UUID NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
            role TEXT NOT NULL CHECK (role IN ('buyer', 'manager')),
            since TIMESTAMPTZ NOT NULL,
            PRIMARY KEY (organization_id, customer_id)
        );
        CREATE INDEX organization_member_since
            ON organization_member (organization_id, since, customer_id);
        CREATE INDEX organization_member_customer_id ON organization_member (customer_id);
        CREATE TABLE organization_invitation (
            id UUID PRIMARY KEY,
            organization_id UUID NOT NULL REFERENCES organization (id) ON DELETE CASCADE,
            email TEXT NOT NULL,
            role TEXT NOT NULL CHECK (role IN ('buyer', 'manager')),
            invited_by UUID NOT NULL,
            expires_at TIMESTAMPTZ NOT NULL
        );
        CREATE UNIQUE INDEX organization_invitation_email
            ON organization_invitation (email, organization_id);
        CREATE INDEX organization_invitation_organization_id
            ON organization_invitation (organization_id);
        CREATE INDEX organization_invitation_expires_at
            ON organization_invitation (expires_at);
        -- Older processes leave it empty: their sessions buy for nobody else.
        ALTER TABLE session ADD COLUMN organization_id UUID;
        """
    )
