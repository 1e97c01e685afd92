"""Staff who act in the place of shoppers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied, Invalid, NotFound, Unauthenticated
from chassis.runtime.clock import uuid7
from services.identity.tests.identity_replica import Replica
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
