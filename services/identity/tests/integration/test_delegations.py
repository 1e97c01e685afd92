"""Staff who act in the place of shoppers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import (
    Denied,
    Invalid,
    NotFound,
    Refused,
    Stale,
    Unauthenticated,
)
from chassis.runtime.clock import uuid7
from chassis.testing import events_of
from services.identity.tests.identity_replica import Replica
from sojourn.identity.v1 import customer_organizations_pb2 as organizations_pb
from sojourn.identity.v1 import customer_organizations_pb2_grpc as organizations_grpc
from sojourn.identity.v1 import delegations_pb2 as pb
from sojourn.identity.v1 import delegations_pb2_grpc, identity_pb2


async def delegate(identity: Replica, token: Any, **shopper: str) -> pb.DelegatedSession:
    stub = delegations_pb2_grpc.DelegationServiceStub(identity.peer.channel)
    request = pb.DelegateSessionRequest(via=pb.CONTACT_POINT_CALL_CENTER, **shopper)
    return await identity.as_(token, stub.DelegateSession, request)


async def test_staff_get_a_token_of_a_customer_that_names_them(
    identity: Replica, database: Database
) -> None:
    staff, ana = await identity.log_in_staff(), await identity.register_confirmed()

    session = await delegate(identity, staff, customer_id=ana.subject_id)

    caller = await identity.verifier_of("cart").verify(f"Bearer {session.access_token}")
    staff_id = (await identity.caller(staff)).subject_id
    assert (caller.kind, caller.shopper_id) == ("customer", UUID(ana.subject_id))
    assert (caller.acted_by, caller.acted_via) == (staff_id, "call_center")
    async with database.read() as read:
        row = await read.fetch_one(
            "SELECT actor_id, subject FROM audit WHERE action = 'delegate_session'"
        )
    assert row == (staff_id, f"customer:{ana.subject_id}")


async def test_the_token_reads_and_changes_nothing_of_the_account(identity: Replica) -> None:
    staff, ana = await identity.log_in_staff(), await identity.register_confirmed()
    session = await delegate(identity, staff, customer_id=ana.subject_id)
    token = f"Bearer {session.access_token}"

    with pytest.raises(Denied) as refusal:
        await identity.as_(
            token,
            identity.customers.GetCustomer,
            identity_pb2.GetCustomerRequest(customer_id=ana.subject_id),
        )

    assert refusal.value.reason == "ACTING_NOT_ALLOWED"
    for elsewhere in ("catalog", "journey", "notifications"):
        with pytest.raises(Unauthenticated):
            await identity.verifier_of(elsewhere).verify(token)


async def test_checkout_trades_the_token_for_one_that_acts_at_cart(identity: Replica) -> None:
    session = await delegate(identity, await identity.log_in_staff())

    token = await identity.service_token(
        "checkout", "checkout-secret", audience="cart", subject_token=session.access_token
    )

    caller = await identity.verifier_of("cart").verify(token)
    assert caller.act_for == UUID(session.subject_id)


async def test_the_next_token_of_a_guest_is_of_the_same_guest(identity: Replica) -> None:
    staff = await identity.log_in_staff()
    first = await delegate(identity, staff)

    again = await delegate(identity, staff, guest_id=first.subject_id)

    assert again.subject_id == first.subject_id
    assert again.kind == identity_pb2.SUBJECT_KIND_GUEST


async def test_a_customer_who_is_unknown_and_two_shoppers_at_once_are_refused(
    identity: Replica,
) -> None:
    staff = await identity.log_in_staff()

    with pytest.raises(NotFound):
        await delegate(identity, staff, customer_id=str(uuid7()))
    with pytest.raises(Invalid) as refusal:
        await delegate(identity, staff, customer_id=str(uuid7()), guest_id=str(uuid7()))
    assert refusal.value.reason == "AMBIGUOUS_SHOPPER"


async def test_shoppers_delegate_nothing(identity: Replica) -> None:
    with pytest.raises(Denied):
        await delegate(identity, await identity.guest())


async def set_organizations(
    identity: Replica, staff: Any, customer_id: str, *organization_ids: UUID, version: int = 0
) -> organizations_pb.CustomerOrganizations:
    stub = organizations_grpc.CustomerOrganizationServiceStub(identity.peer.channel)
    request = organizations_pb.SetCustomerOrganizationsRequest(
        customer_id=customer_id,
        organization_ids=map(str, organization_ids),
        expected_version=version,
    )
    return await identity.as_(staff, stub.SetCustomerOrganizations, request)


async def organization_of(identity: Replica, session: pb.DelegatedSession) -> UUID | None:
    caller = await identity.verifier_of("checkout").verify(f"Bearer {session.access_token}")
    assert session.organization_id == str(caller.organization_id or "")
    return caller.organization_id


async def test_staff_choose_one_of_the_customers_organizations_or_the_usual_one(
    identity: Replica, database: Database
) -> None:
    staff, ana = await identity.log_in_staff(), await identity.register_confirmed()
    usual, other = uuid7(), uuid7()
    none = await delegate(identity, staff, customer_id=ana.subject_id)
    await set_organizations(identity, staff, ana.subject_id, usual, other)

    by_default = await delegate(identity, staff, customer_id=ana.subject_id)
    chosen = await delegate(identity, staff, customer_id=ana.subject_id, organization_id=str(other))

    assert await organization_of(identity, none) is None
    assert await organization_of(identity, by_default) == usual
    assert await organization_of(identity, chosen) == other
    async with database.read() as read:
        rows = await read.fetch(
            "SELECT after ->> 'organization_id' FROM audit WHERE action = 'delegate_session'"
            " ORDER BY id"
        )
    assert rows == [(None,), (str(usual),), (str(other),)]


async def test_nobody_buys_for_an_organization_whose_member_the_shopper_is_not(
    identity: Replica,
) -> None:
    staff, ana = await identity.log_in_staff(), await identity.register_confirmed()
    past = uuid7()
    await set_organizations(identity, staff, ana.subject_id, past)
    await set_organizations(identity, staff, ana.subject_id, uuid7())

    for shopper in ({"customer_id": ana.subject_id}, {"guest_id": str(uuid7())}, {}):
        with pytest.raises(Refused) as refusal:
            await delegate(identity, staff, organization_id=str(past), **shopper)
        assert refusal.value.reason == "NOT_ORGANIZATION_MEMBER"


async def test_the_customers_own_token_names_the_first_organization_from_the_next_refresh_on(
    identity: Replica, database: Database
) -> None:
    staff, ana = await identity.log_in_staff(), await identity.register_confirmed()
    first, second = uuid7(), uuid7()

    made = await set_organizations(identity, staff, ana.subject_id, first, second)
    again = await set_organizations(identity, staff, ana.subject_id, first, second)
    ana = await identity.refresh(ana.refresh_token)
    named = (await identity.caller(ana)).organization_id
    with pytest.raises(Stale):
        await set_organizations(identity, staff, ana.subject_id, version=made.version - 1)
    await set_organizations(identity, staff, ana.subject_id, version=made.version)
    ana = await identity.refresh(ana.refresh_token)

    assert again == made
    assert named == first
    assert (await identity.caller(ana)).organization_id is None
    events = await events_of(database, organizations_pb.CustomerOrganizationsChanged)
    assert [list(event.organization_ids) for event in events] == [[str(first), str(second)], []]
    with pytest.raises(Denied):
        await set_organizations(identity, ana, ana.subject_id, first)
