"""Use cases of organizations: keep them and their members, invite, accept and leave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg
from pydantic import JsonValue
from sqlalchemy import bindparam, delete
from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.runtime.clock import real_now, uuid7
from identity.customers.model import Customer
from identity.customers.queries import get_customer
from identity.errors import (
    CustomerNotFound,
    ExternalIdTaken,
    LastManager,
    OrganizationNotFound,
    TooManyInvitations,
)
from identity.organizations.events import invitation_sent
from identity.organizations.model import (
    INVITATION_VALID,
    MOST_INVITATIONS,
    Organization,
    OrganizationChanges,
    OrganizationInvitation,
    OrganizationMember,
    OrganizationRole,
    parse_organization_name,
)
from identity.organizations.queries import (
    count_managers,
    list_invitations,
    lock_organization,
    require_manager,
)

_INVITATION: Final = prepare(
    select(OrganizationInvitation).where(
        OrganizationInvitation.organization_id == bindparam("organization_id"),
        OrganizationInvitation.email == bindparam("email"),
    )
)
_FORGET_ADDRESS: Final = prepare(
    delete(OrganizationInvitation).where(col(OrganizationInvitation.email) == bindparam("email"))
)
_DELETE_EXPIRED: Final = prepare(
    delete(OrganizationInvitation).where(col(OrganizationInvitation.expires_at) < bindparam("now"))
)


async def create_organization(
    tx: Tx, name: str, external_id: str, *, actor: Caller
) -> Organization:
    """Makes an organization. Raises InvalidName, ExternalIdTaken."""
    organization = Organization(
        id=uuid7(), name=parse_organization_name(name), external_id=external_id, created_at=tx.now
    )
    if not await tx.insert_new(organization):
        raise ExternalIdTaken(path="external_id")
    _audit(tx, actor, "create_organization", organization.id, after=_told(organization))
    return organization


async def update_organization(
    tx: Tx,
    organization_id: UUID,
    changes: OrganizationChanges,
    *,
    actor: Caller,
    expected_version: int,
) -> Organization:
    """Changes an organization; what changes nothing is no change.

    Raises OrganizationNotFound, VersionMismatch, InvalidName, ExternalIdTaken.
    """
    organization = await lock_organization(tx, organization_id)
    organization.require_version(expected_version)
    before = _told(organization)
    if changes.name is not None:
        organization.name = parse_organization_name(changes.name)
    if changes.external_id is not None:
        organization.external_id = changes.external_id
    if changes.is_active is not None:
        organization.is_active = changes.is_active
    if _told(organization) == before:
        return organization
    try:
        await tx.update(organization)
        await tx.flush()
    except psycopg.errors.UniqueViolation:
        raise ExternalIdTaken(path="external_id") from None
    _audit(
        tx, actor, "update_organization", organization_id, before=before, after=_told(organization)
    )
    return organization


async def delete_organization(
    tx: Tx, organization_id: UUID, *, actor: Caller, expected_version: int
) -> None:
    """Deletes an organization with its memberships and invitations. Idempotent.

    Raises VersionMismatch.
    """
    organization = await tx.lock(Organization, organization_id)
    if organization is None:
        return
    organization.require_version(expected_version)
    await tx.delete(organization)
    _audit(tx, actor, "delete_organization", organization_id, before=_told(organization))


async def put_member(
    tx: Tx, organization_id: UUID, customer_id: UUID, role: OrganizationRole, *, actor: Caller
) -> tuple[OrganizationMember, Customer]:
    """Makes a customer a member, or changes their role; a repeat changes nothing.

    Raises OrganizationNotFound, CustomerNotFound.
    """
    await lock_organization(tx, organization_id)
    customer = await get_customer(tx, customer_id)
    member = await tx.get(OrganizationMember, organization_id, customer_id)
    if member is None:
        member = OrganizationMember(
            organization_id=organization_id, customer_id=customer_id, role=role, since=tx.now
        )
        await tx.insert(member)
    elif member.role is role:
        return member, customer
    else:
        member.role = role
        await tx.update(member)
    _audit(
        tx, actor, "put_organization_member", organization_id,
        after={"customer_id": str(customer_id), "role": role},
    )  # fmt: skip
    return member, customer


async def set_role(
    tx: Tx, organization_id: UUID, customer_id: UUID, role: OrganizationRole, *, actor: Caller
) -> tuple[OrganizationMember, Customer]:
    """Changes the role of a member, as one of the organization's managers.

    Raises OrganizationNotFound, ManagersOnly, CustomerNotFound, LastManager.
    """
    await lock_organization(tx, organization_id)
    await require_manager(tx, organization_id, actor.person_id)
    member = await tx.get(OrganizationMember, organization_id, customer_id)
    if member is None:
        raise CustomerNotFound
    if role is not OrganizationRole.MANAGER:
        await _require_another_manager(tx, member)
    return await put_member(tx, organization_id, customer_id, role, actor=actor)


async def remove_member(
    tx: Tx, organization_id: UUID, customer_id: UUID, *, actor: Caller, keeps_manager: bool
) -> None:
    """Ends a membership. Idempotent. Raises OrganizationNotFound, LastManager.

    `keeps_manager` refuses to end that of the last manager, which staff may.
    """
    await lock_organization(tx, organization_id)
    member = await tx.get(OrganizationMember, organization_id, customer_id)
    if member is None:
        return
    if keeps_manager:
        await _require_another_manager(tx, member)
    await tx.delete(member)
    _audit(
        tx, actor, "remove_organization_member", organization_id,
        before={"customer_id": str(customer_id), "role": member.role},
    )  # fmt: skip


async def invite(
    tx: Tx, organization_id: UUID, email: str, role: OrganizationRole, *, actor: Caller
) -> OrganizationInvitation:
    """Invites an address by mail, or anew with another role.

    Raises OrganizationNotFound, ManagersOnly, TooManyInvitations.
    """
    organization = await lock_organization(tx, organization_id)
    await require_manager(tx, organization_id, actor.person_id)
    inviter, now = await get_customer(tx, actor.person_id), real_now()
    invitation: OrganizationInvitation | None = await tx.one(
        _INVITATION, organization_id=organization_id, email=email
    )
    if invitation is None:
        if len(await list_invitations(tx, organization_id, now)) >= MOST_INVITATIONS:
            raise TooManyInvitations(most=MOST_INVITATIONS)
        invitation = OrganizationInvitation(
            id=uuid7(),
            organization_id=organization_id,
            email=email,
            role=role,
            invited_by=inviter.id,
            expires_at=now + INVITATION_VALID,
        )
        await tx.insert(invitation)
    elif (invitation.role, invitation.invited_by) == (role, inviter.id) and (
        now < invitation.expires_at - INVITATION_VALID / 2
    ):
        # Nobody is mailed again and again.
        return invitation
    else:
        invitation.role, invitation.invited_by = role, inviter.id
        invitation.expires_at = now + INVITATION_VALID
        await tx.update(invitation)
    await tx.emit(invitation_sent(invitation, organization, inviter), key=invitation.id)
    _audit(
        tx, actor, "invite_to_organization", organization_id,
        after={"invitation_id": str(invitation.id), "role": role},
    )  # fmt: skip
    return invitation


async def withdraw_invitation(
    tx: Tx, organization_id: UUID, invitation_id: UUID, *, actor: Caller
) -> None:
    """Withdraws an invitation. Idempotent. Raises OrganizationNotFound, ManagersOnly."""
    await lock_organization(tx, organization_id)
    await require_manager(tx, organization_id, actor.person_id)
    invitation = await tx.get(OrganizationInvitation, invitation_id)
    if invitation is None or invitation.organization_id != organization_id:
        return
    await tx.delete(invitation)
    _audit(
        tx, actor, "withdraw_invitation", organization_id,
        before={"invitation_id": str(invitation_id)},
    )  # fmt: skip


async def accept_invitation(
    tx: Tx, organization_id: UUID, *, actor: Caller
) -> tuple[Organization, OrganizationMember]:
    """Makes the caller a member, as they were invited. Idempotent.

    The invitation is to the address that they confirmed. Raises OrganizationNotFound.
    """
    customer = await get_customer(tx, actor.person_id)
    organization = await lock_organization(tx, organization_id)
    member = await tx.get(OrganizationMember, organization_id, customer.id)
    invitation = (
        await tx.one(_INVITATION, organization_id=organization_id, email=customer.email)
        if customer.email_confirmed_at is not None
        else None
    )
    if member is None:
        if invitation is None or invitation.expires_at <= real_now():
            raise OrganizationNotFound
        member, _ = await put_member(tx, organization_id, customer.id, invitation.role, actor=actor)
    if invitation is not None:
        await tx.delete(invitation)
    return organization, member


async def leave(tx: Tx, organization_id: UUID, *, actor: Caller) -> None:
    """Ends the caller's membership, and declines an invitation. Idempotent. Raises LastManager."""
    customer = await get_customer(tx, actor.person_id)
    if await tx.get(Organization, organization_id) is None:
        return
    if customer.email_confirmed_at is not None and (
        invitation := await tx.one(
            _INVITATION, organization_id=organization_id, email=customer.email
        )
    ):
        await tx.delete(invitation)
    await remove_member(tx, organization_id, customer.id, actor=actor, keeps_manager=True)


async def forget_invitations(tx: Tx, email: str) -> None:
    """Deletes invitations to an address whose owner is erased."""
    await tx.execute(_FORGET_ADDRESS, email=email)


async def delete_expired_invitations(tx: Tx, now: datetime) -> None:
    """Deletes invitations that can no longer be accepted."""
    await tx.execute(_DELETE_EXPIRED, now=now)


async def _require_another_manager(tx: Tx, member: OrganizationMember) -> None:
    """Raises LastManager where a member is the only manager. The organization is locked."""
    if (
        member.role is OrganizationRole.MANAGER
        and await count_managers(tx, member.organization_id) == 1
    ):
        raise LastManager


def _told(organization: Organization) -> dict[str, JsonValue]:
    """Returns what the audit says of an organization."""
    return {
        "name": organization.name,
        "external_id": organization.external_id,
        "active": organization.is_active,
    }


def _audit(
    tx: Tx,
    actor: Caller,
    action: str,
    organization_id: UUID,
    *,
    before: Mapping[str, JsonValue] | None = None,
    after: Mapping[str, JsonValue] | None = None,
) -> None:
    subject = f"organization:{organization_id}"
    record_audit(tx, actor, action, subject, before=before, after=after)
