"""Organizations that buy: staff keep them, customers belong to them and buy for one."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied, DomainError, Exists, Invalid, NotFound, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import an_email, events_of
from identity.cleanup import delete_expired
from services.identity.tests.identity_replica import Replica, count_of
from sojourn.identity.v1 import (
    delegations_pb2,
    delegations_pb2_grpc,
    events_pb2,
    identity_pb2,
)
from sojourn.identity.v1 import organizations_pb2 as pb

BUYER, MANAGER = pb.ORGANIZATION_ROLE_BUYER, pb.ORGANIZATION_ROLE_MANAGER


class Desk:
    """Calls of staff about organizations."""

    def __init__(self, identity: Replica, token: str) -> None:
        self.identity, self.token = identity, token
        self.stub = identity.organizations

    async def ask(self, method: Any, request: Any) -> Any:
        return await self.identity.as_(self.token, method, request, key=str(uuid7()))

    async def create_organization(
        self, name: str = "Miller & Sons", external_id: str = ""
    ) -> pb.Organization:
        request = pb.CreateOrganizationRequest(name=name, external_id=external_id)
        made: pb.Organization = await self.ask(self.stub.CreateOrganization, request)
        return made

    async def update_organization(
        self, organization: pb.Organization, **fields: Any
    ) -> pb.Organization:
        request = pb.UpdateOrganizationRequest(organization_id=organization.id, **fields)
        changed: pb.Organization = await self.ask(self.stub.UpdateOrganization, request)
        return changed

    async def put_member(
        self, organization: pb.Organization, session: identity_pb2.Session, role: Any = BUYER
    ) -> pb.OrganizationMember:
        request = pb.PutOrganizationMemberRequest(
            organization_id=organization.id, customer_id=session.subject_id, role=role
        )
        member: pb.OrganizationMember = await self.ask(self.stub.PutOrganizationMember, request)
        return member


@pytest.fixture
async def desk(identity: Replica) -> Desk:
    return Desk(identity, await identity.log_in_staff())


async def mine(identity: Replica, session: identity_pb2.Session) -> list[pb.MyOrganization]:
    reply = await identity.as_(
        session, identity.my_organizations.ListMyOrganizations, pb.ListMyOrganizationsRequest()
    )
    return list(reply.organizations)


async def invite(
    identity: Replica,
    session: identity_pb2.Session,
    organization: pb.Organization,
    email: str,
    role: Any = BUYER,
) -> pb.OrganizationInvitation:
    request = pb.InviteColleagueRequest(organization_id=organization.id, email=email, role=role)
    sent: pb.OrganizationInvitation = await identity.as_(
        session, identity.my_organizations.InviteColleague, request
    )
    return sent


async def test_staff_keep_organizations_and_each_change_is_audited(
    desk: Desk, database: Database
) -> None:
    made = await desk.create_organization(" Miller & Sons ", "C-1042")
    other = await desk.create_organization("Abel")
    renamed = await desk.update_organization(made, name="Miller", expected_version=made.version)

    assert (made.name, made.active, renamed.version) == ("Miller & Sons", True, made.version + 1)
    listed = await desk.ask(desk.stub.ListOrganizations, pb.ListOrganizationsRequest())
    assert [one.id for one in listed.organizations] == [other.id, made.id]
    found = await desk.ask(
        desk.stub.ListOrganizations, pb.ListOrganizationsRequest(external_id="C-1042")
    )
    assert [one.id for one in found.organizations] == [made.id]
    for wrong in (
        desk.create_organization("Other", "C-1042"),
        desk.update_organization(other, external_id="C-1042"),
    ):
        with pytest.raises(Exists) as taken:
            await wrong
        assert taken.value.reason == "EXTERNAL_ID_TAKEN"
    with pytest.raises(Stale):
        await desk.update_organization(made, name="Late", expected_version=made.version)
    for name in ("", "x" * 201, "https://evil.example"):
        with pytest.raises(Invalid):
            await desk.create_organization(name)
    gone = pb.DeleteOrganizationRequest(organization_id=other.id)
    await desk.ask(desk.stub.DeleteOrganization, gone)
    await desk.ask(desk.stub.DeleteOrganization, gone)
    async with database.read() as read:
        rows = await read.fetch("SELECT action FROM audit WHERE subject LIKE 'organization:%'")
    assert sorted(row[0] for row in rows) == [
        "create_organization",
        "create_organization",
        "delete_organization",
        "update_organization",
    ]


async def test_organizations_are_paged_by_name(desk: Desk) -> None:
    names = ["Abel", "Baker", "Baker", "Cook", "Dyer"]
    for name in names:
        await desk.create_organization(name)

    seen, token = [], ""
    while True:
        request = pb.ListOrganizationsRequest(page={"size": 2, "token": token})
        page = await desk.ask(desk.stub.ListOrganizations, request)
        seen += [one.name for one in page.organizations]
        token = page.next_page_token
        if not token:
            break

    assert seen == names


async def test_a_member_of_one_organization_buys_for_it_and_of_two_chooses(
    identity: Replica, desk: Desk
) -> None:
    email = an_email()
    ana = await identity.register_confirmed(email)
    first, second = (
        await desk.create_organization("First"),
        await desk.create_organization("Second"),
    )
    await desk.put_member(first, ana, MANAGER)

    alone = await identity.login(email)
    caller = await identity.caller(alone)
    assert alone.organization_id == first.id
    assert (caller.organization_id, caller.organization_role) == (UUID(first.id), "manager")

    await desk.put_member(second, ana)
    undecided = await identity.login(email)
    assert undecided.organization_id == ""

    chosen = await identity.refresh(undecided.refresh_token, organization_id=second.id)
    kept = await identity.refresh(chosen.refresh_token)
    private = await identity.refresh(kept.refresh_token, organization_id="")

    assert [each.organization_id for each in (chosen, kept, private)] == [second.id, second.id, ""]
    assert (await identity.caller(kept)).organization_role == "buyer"
    assert (await identity.caller(private)).organization_id is None
    assert [one.name for one in await mine(identity, private)] == ["First", "Second"]


async def test_a_choice_that_is_none_is_refused_and_trades_nothing(
    identity: Replica, desk: Desk
) -> None:
    ana, blocked, strange = (
        await identity.register_confirmed(),
        await desk.create_organization("Blocked"),
        await desk.create_organization("Strange"),
    )
    await desk.put_member(blocked, ana)
    await desk.update_organization(blocked, active=False)

    for organization_id in (blocked.id, strange.id, str(uuid7())):
        with pytest.raises(NotFound) as refusal:
            await identity.refresh(ana.refresh_token, organization_id=organization_id)
        assert refusal.value.reason == "ORGANIZATION_NOT_FOUND"
    guest = await identity.guest()
    with pytest.raises(Denied):
        await identity.refresh(guest.refresh_token, organization_id=blocked.id)

    assert (await identity.refresh(ana.refresh_token)).access_token
    assert (await identity.refresh(guest.refresh_token)).access_token


@pytest.mark.parametrize("how", ["blocked", "removed", "deleted"])
async def test_who_may_no_longer_buy_for_an_organization_does_not_after_a_refresh(
    identity: Replica, desk: Desk, how: str
) -> None:
    email = an_email()
    ana, organization = await identity.register_confirmed(email), await desk.create_organization()
    await desk.put_member(organization, ana)
    session = await identity.login(email)

    match how:
        case "blocked":
            await desk.update_organization(organization, active=False)
        case "removed":
            request = pb.RemoveOrganizationMemberRequest(
                organization_id=organization.id, customer_id=ana.subject_id
            )
            await desk.ask(desk.stub.RemoveOrganizationMember, request)
            await desk.ask(desk.stub.RemoveOrganizationMember, request)
        case "deleted":
            gone = pb.DeleteOrganizationRequest(organization_id=organization.id)
            await desk.ask(desk.stub.DeleteOrganization, gone)

    refreshed = await identity.refresh(session.refresh_token)
    assert refreshed.organization_id == ""
    assert (await identity.caller(refreshed)).organization_role == ""


async def test_a_manager_invites_and_the_owner_of_the_address_accepts(
    identity: Replica, desk: Desk, database: Database
) -> None:
    ana, organization, email = (
        await identity.register_confirmed(),
        await desk.create_organization(),
        an_email(),
    )
    await desk.put_member(organization, ana, MANAGER)

    sent = await invite(identity, ana, organization, email.upper())
    again = await invite(identity, ana, organization, email)

    assert (again.id, sent.email) == (sent.id, email.lower())
    [event] = await events_of(database, events_pb2.OrganizationInvitationSent)
    assert (event.email, event.organization_name) == (email.lower(), "Miller & Sons")
    stranger = await identity.register(email)
    accept = pb.AcceptInvitationRequest(organization_id=organization.id)
    # Whoever registered with the address has not proven that it is theirs.
    assert await mine(identity, stranger) == []
    with pytest.raises(NotFound):
        await identity.as_(stranger, identity.my_organizations.AcceptInvitation, accept)

    await identity.confirm_email(stranger)
    [invited] = await mine(identity, stranger)
    assert (invited.id, invited.invited) == (organization.id, True)
    for _ in range(2):
        accepted = await identity.as_(
            stranger, identity.my_organizations.AcceptInvitation, accept, key=str(uuid7())
        )
        assert (accepted.role, accepted.invited) == (BUYER, False)
    assert await count_of(database, "organization_invitation") == 0
    members = await identity.as_(
        ana,
        identity.my_organizations.ListColleagues,
        pb.ListColleaguesRequest(organization_id=organization.id),
    )
    assert [one.customer_id for one in members.members] == [ana.subject_id, stranger.subject_id]


async def test_only_managers_keep_members(identity: Replica, desk: Desk) -> None:
    ana, bo, eve = [await identity.register_confirmed() for _ in range(3)]
    organization = await desk.create_organization()
    await desk.put_member(organization, ana, MANAGER)
    await desk.put_member(organization, bo)
    stub = identity.my_organizations
    requests = (
        (stub.ListColleagues, pb.ListColleaguesRequest(organization_id=organization.id)),
        (
            stub.SetColleagueRole,
            pb.SetColleagueRoleRequest(
                organization_id=organization.id, customer_id=bo.subject_id, role=MANAGER
            ),
        ),
        (
            stub.RemoveColleague,
            pb.RemoveColleagueRequest(organization_id=organization.id, customer_id=ana.subject_id),
        ),
        (
            stub.InviteColleague,
            pb.InviteColleagueRequest(
                organization_id=organization.id, email=an_email(), role=BUYER
            ),
        ),
        (
            stub.WithdrawInvitation,
            pb.WithdrawInvitationRequest(
                organization_id=organization.id, invitation_id=str(uuid7())
            ),
        ),
    )

    for method, request in requests:
        for caller, reason in ((bo, "MANAGERS_ONLY"), (eve, "ORGANIZATION_NOT_FOUND")):
            with pytest.raises(DomainError) as refusal:
                await identity.as_(caller, method, request, key=str(uuid7()))
            assert refusal.value.reason == reason

    staff = await identity.log_in_staff()
    with pytest.raises(Denied) as refusal:
        await identity.as_(staff, stub.ListColleagues, requests[0][1])
    assert refusal.value.reason == "CUSTOMERS_ONLY"
    made = await identity.as_(ana, *requests[1])
    assert made.role == MANAGER


async def test_an_organization_keeps_a_manager_when_two_leave_at_once(
    identity: Replica, desk: Desk
) -> None:
    ana, bo = [await identity.register_confirmed() for _ in range(2)]
    organization = await desk.create_organization()
    await desk.put_member(organization, ana, MANAGER)
    await desk.put_member(organization, bo, MANAGER)
    leave = pb.LeaveOrganizationRequest(organization_id=organization.id)

    async def try_to_leave(session: identity_pb2.Session) -> str:
        try:
            await identity.as_(session, identity.my_organizations.LeaveOrganization, leave)
        except DomainError as refusal:
            return refusal.reason
        return ""

    assert sorted(await asyncio.gather(try_to_leave(ana), try_to_leave(bo))) == [
        "",
        "LAST_MANAGER",
    ]


async def test_invitations_are_bounded_withdrawn_and_forgotten(
    identity: Replica, desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("identity.organizations.actions.MOST_INVITATIONS", 2)
    ana, organization = await identity.register_confirmed(), await desk.create_organization()
    await desk.put_member(organization, ana, MANAGER)
    gone, kept = an_email(), an_email()
    sent = await invite(identity, ana, organization, gone)
    await invite(identity, ana, organization, kept)
    with pytest.raises(DomainError) as refusal:
        await invite(identity, ana, organization, an_email())
    assert refusal.value.reason == "TOO_MANY_INVITATIONS"

    request = pb.WithdrawInvitationRequest(organization_id=organization.id, invitation_id=sent.id)
    await identity.as_(ana, identity.my_organizations.WithdrawInvitation, request)
    bo = await identity.register_confirmed(kept)
    await identity.erase(bo)
    assert await count_of(database, "organization_invitation") == 0

    await invite(identity, ana, organization, an_email())
    async with database.tx() as tx:
        await tx.run("UPDATE organization_invitation SET expires_at = now() - interval '1 day'")
    await delete_expired(database, identity.wiring.settings)
    assert await count_of(database, "organization_invitation") == 0


async def test_staff_buy_for_an_organization_of_the_customer_only(
    identity: Replica, desk: Desk
) -> None:
    ana, own, strange = (
        await identity.register_confirmed(),
        await desk.create_organization("Own"),
        await desk.create_organization("Strange"),
    )
    await desk.put_member(own, ana)
    stub = delegations_pb2_grpc.DelegationServiceStub(identity.peer.channel)

    async def delegate(**fields: str) -> delegations_pb2.DelegatedSession:
        request = delegations_pb2.DelegateSessionRequest(
            via=delegations_pb2.CONTACT_POINT_CALL_CENTER, **fields
        )
        session: delegations_pb2.DelegatedSession = await identity.as_(
            desk.token, stub.DelegateSession, request
        )
        return session

    session = await delegate(customer_id=ana.subject_id, organization_id=own.id)
    caller = await identity.verifier_of("cart").verify(f"Bearer {session.access_token}")

    assert (caller.organization_id, session.organization_id) == (UUID(own.id), own.id)
    with pytest.raises(NotFound) as refusal:
        await delegate(customer_id=ana.subject_id, organization_id=strange.id)
    assert refusal.value.reason == "ORGANIZATION_NOT_FOUND"
    with pytest.raises(Invalid):
        await delegate(organization_id=own.id)
