"""Reads of organizations, their members and their invitations."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, tuple_
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from identity.customers.model import Customer
from identity.errors import ManagersOnly, OrganizationNotFound
from identity.organizations.model import (
    Membership,
    Organization,
    OrganizationInvitation,
    OrganizationMember,
    OrganizationRole,
)

# Of the customer's own: nobody buys for more.
MOST_OF_A_CUSTOMER: Final = 100
_ACTIVE: Final = prepare(
    select(OrganizationMember)
    .join(Organization, col(Organization.id) == OrganizationMember.organization_id)
    .where(
        col(OrganizationMember.customer_id) == bindparam("customer_id"),
        col(Organization.is_active),
    )
    .order_by(col(OrganizationMember.since))
    .limit(bindparam("limit"))
)
_INVITED: Final = prepare(
    select(OrganizationInvitation)
    .where(
        col(OrganizationInvitation.organization_id) == bindparam("organization_id"),
        col(OrganizationInvitation.expires_at) > bindparam("now"),
    )
    .order_by(col(OrganizationInvitation.email))
)
_MANAGERS: Final = prepare(
    select(func.count())
    .select_from(OrganizationMember)
    .where(
        col(OrganizationMember.organization_id) == bindparam("organization_id"),
        col(OrganizationMember.role) == OrganizationRole.MANAGER,
    )
)


async def get_organization(read: Read, organization_id: UUID) -> Organization:
    """Returns an organization. Raises OrganizationNotFound."""
    if organization := await read.get(Organization, organization_id):
        return organization
    raise OrganizationNotFound


async def lock_organization(tx: Tx, organization_id: UUID) -> Organization:
    """Returns an organization, locked until the transaction ends. Raises OrganizationNotFound.

    Changes of its members lock it, so that its last manager is known.
    """
    if organization := await tx.lock(Organization, organization_id):
        return organization
    raise OrganizationNotFound


async def list_organizations(
    read: Read,
    *,
    external_id: str,
    customer_id: UUID | None,
    after: tuple[str, UUID] | None,
    limit: int,
) -> list[Organization]:
    """Returns organizations by name, those after a name and id."""
    query = select(Organization).order_by(col(Organization.name), col(Organization.id))
    if external_id:
        query = query.where(Organization.external_id == external_id)
    if customer_id:
        query = query.join(
            OrganizationMember, col(OrganizationMember.organization_id) == Organization.id
        ).where(OrganizationMember.customer_id == customer_id)
    if after:
        query = query.where(tuple_(col(Organization.name), col(Organization.id)) > after)
    return await read.all(query.limit(limit))


async def list_members(
    read: Read, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[OrganizationMember, Customer]]:
    """Returns members with their accounts, the earliest first, those after a time and id."""
    member = OrganizationMember
    query = (
        select(member, Customer)
        .join(Customer, col(Customer.id) == member.customer_id)
        .where(member.organization_id == organization_id)
        .order_by(col(member.since), col(member.customer_id))
    )
    if after:
        query = query.where(tuple_(col(member.since), col(member.customer_id)) > after)
    return await read.all(query.limit(limit))


async def list_invitations(
    read: Read, organization_id: UUID, now: datetime
) -> list[OrganizationInvitation]:
    """Returns invitations that can be accepted, by address."""
    return await read.all(_INVITED, organization_id=organization_id, now=now)


async def list_memberships(
    read: Read, customer_id: UUID
) -> list[tuple[Organization, OrganizationMember]]:
    """Returns a customer's memberships with their organizations, by name."""
    member = OrganizationMember
    return await read.all(
        select(Organization, member)
        .join(member, col(member.organization_id) == Organization.id)
        .where(member.customer_id == customer_id)
        .order_by(col(Organization.name), col(Organization.id))
        .limit(MOST_OF_A_CUSTOMER)
    )


async def list_invitations_to(
    read: Read, customer: Customer, now: datetime
) -> list[tuple[Organization, OrganizationInvitation]]:
    """Returns invitations to the address of a customer; none to one who has not confirmed it."""
    if customer.email_confirmed_at is None:
        return []
    invitation = OrganizationInvitation
    return await read.all(
        select(Organization, invitation)
        .join(invitation, col(invitation.organization_id) == Organization.id)
        .where(invitation.email == customer.email, col(invitation.expires_at) > now)
        .order_by(col(Organization.name), col(Organization.id))
        .limit(MOST_OF_A_CUSTOMER)
    )


async def find_membership(
    read: Read, customer_id: UUID, organization_id: UUID
) -> Membership | None:
    """Returns the membership with which a customer can buy; None where they cannot."""
    for one in await read.all(_ACTIVE, customer_id=customer_id, limit=MOST_OF_A_CUSTOMER):
        if one.organization_id == organization_id:
            return Membership(one.organization_id, one.role)
    return None


async def find_only_membership(read: Read, customer_id: UUID) -> Membership | None:
    """Returns the membership of a customer who can buy for one organization; else None."""
    found = await read.all(_ACTIVE, customer_id=customer_id, limit=2)
    return Membership(found[0].organization_id, found[0].role) if len(found) == 1 else None


async def require_manager(read: Read, organization_id: UUID, customer_id: UUID) -> None:
    """Raises OrganizationNotFound to those who are no members, ManagersOnly to other members."""
    member = await read.get(OrganizationMember, organization_id, customer_id)
    if member is None:
        raise OrganizationNotFound
    if member.role is not OrganizationRole.MANAGER:
        raise ManagersOnly


async def count_managers(read: Read, organization_id: UUID) -> int:
    return int(await read.one(_MANAGERS, organization_id=organization_id) or 0)
