"""Organizations as messages, and messages as values."""

from typing import Final

from chassis.rpc.ids import parse_optional_id
from chassis.rpc.wire import EnumCodec, timestamp
from identity.customers.model import Customer
from identity.organizations.model import (
    Choice,
    Organization,
    OrganizationChanges,
    OrganizationInvitation,
    OrganizationMember,
    OrganizationRole,
)
from sojourn.identity.v1 import identity_pb2
from sojourn.identity.v1 import organizations_pb2 as pb

ROLES: Final = EnumCodec(pb.OrganizationRole, OrganizationRole)


def encode_organization(organization: Organization) -> pb.Organization:
    """Returns the message of an organization."""
    return pb.Organization(
        id=str(organization.id),
        name=organization.name,
        external_id=organization.external_id,
        active=organization.is_active,
        created_at=timestamp(organization.created_at),
        version=organization.version,
    )


def encode_member(member: OrganizationMember, customer: Customer) -> pb.OrganizationMember:
    """Returns the message of a member."""
    return pb.OrganizationMember(
        customer_id=str(member.customer_id),
        email=customer.email,
        first_name=customer.first_name,
        last_name=customer.last_name,
        role=ROLES.encode(member.role),
        since=timestamp(member.since),
    )


def encode_invitation(invitation: OrganizationInvitation) -> pb.OrganizationInvitation:
    """Returns the message of an invitation."""
    return pb.OrganizationInvitation(
        id=str(invitation.id),
        email=invitation.email,
        role=ROLES.encode(invitation.role),
        expires_at=timestamp(invitation.expires_at),
    )


def encode_mine(
    organization: Organization, role: OrganizationRole, *, is_invited: bool
) -> pb.MyOrganization:
    """Returns an organization as a member, or somebody who is invited, sees it."""
    return pb.MyOrganization(
        id=str(organization.id),
        name=organization.name,
        role=ROLES.encode(role),
        invited=is_invited,
        active=organization.is_active,
    )


def decode_changes(request: pb.UpdateOrganizationRequest) -> OrganizationChanges:
    """Returns the fields that the request sets."""
    return OrganizationChanges(
        name=request.name if request.HasField("name") else None,
        external_id=request.external_id if request.HasField("external_id") else None,
        is_active=request.active if request.HasField("active") else None,
    )


def decode_choice(request: identity_pb2.RefreshRequest) -> Choice | None:
    """Returns the choice of a refresh; None where it leaves the organization as it is."""
    if not request.HasField("organization_id"):
        return None
    return Choice(parse_optional_id(request.organization_id, "organization_id"))
