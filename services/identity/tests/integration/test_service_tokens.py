from __future__ import annotations

import pytest
from identity_replica import Replica

from chassis.client import ServiceTokens
from chassis.clock import uuid7
from chassis.errors import Denied, Invalid, NotFound, Unauthenticated
from identity.settings import Settings
from sojourn.identity.v1 import identity_pb2 as pb


async def test_a_service_gets_a_token_with_its_scopes(identity: Replica) -> None:
    caller = await identity.caller(await identity.service_token())

    assert (caller.kind, caller.client_id, caller.subject_id, caller.act_for) == ("service", "cart", None, None)
    assert caller.scopes == {"stock.reserve", "customers.read"}


async def test_a_service_acts_for_a_shopper(identity: Replica) -> None:
    shopper = uuid7()

    caller = await identity.caller(await identity.service_token(act_for=str(shopper)))

    assert caller.act_for == caller.shopper_id == shopper


async def test_the_chassis_gets_tokens_from_us(identity: Replica) -> None:
    mine = identity.parts.settings.model_dump() | {"client_id": "cart", "client_secret": "cart-secret"}
    tokens = ServiceTokens(identity.peer, Settings(**mine))

    assert (await identity.caller(await tokens.authorization())).client_id == "cart"


@pytest.mark.parametrize(("client_id", "secret"), [("cart", "wrong"), ("cart", ""), ("nobody", ""), ("", ""), ("gateway", "cart-secret")])
async def test_a_wrong_secret_and_an_unknown_service_are_told_alike(identity: Replica, client_id: str, secret: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await identity.service_token(client_id, secret)

    assert (refusal.value.reason, refusal.value.message) == ("WRONG_CREDENTIALS", "the client id or its secret is wrong")


async def test_act_for_is_an_id(identity: Replica) -> None:
    with pytest.raises(Invalid) as refusal:
        await identity.service_token(act_for="ana")

    assert refusal.value.reason == "INVALID_ID"


async def test_a_service_reads_whom_it_acts_for_and_with_the_scope_everybody(identity: Replica) -> None:
    ana = await identity.register("ana@example.com")
    acting = await identity.service_token("gateway", "other", act_for=ana.subject_id)
    scoped, unscoped = await identity.service_token(), await identity.service_token("gateway", "other")
    get, hers = identity.customers.GetCustomer, pb.GetCustomerRequest(customer_id=ana.subject_id)

    assert (await identity.as_(acting, get, pb.GetCustomerRequest())).email == "ana@example.com"
    assert (await identity.as_(acting, get, hers)).email == "ana@example.com"
    assert (await identity.as_(scoped, get, hers)).email == "ana@example.com"
    with pytest.raises(NotFound) as stranger:
        await identity.as_(unscoped, get, hers)
    with pytest.raises(Denied):
        await identity.as_(scoped, get, pb.GetCustomerRequest())

    assert stranger.value.reason == "CUSTOMER_NOT_FOUND"


async def test_acting_for_a_customer_is_not_enough_to_change_them(identity: Replica) -> None:
    ana = await identity.register()
    acting = await identity.service_token(act_for=ana.subject_id)

    with pytest.raises(Denied) as refusal:
        await identity.as_(acting, identity.customers.UpdateCustomer, pb.UpdateCustomerRequest(first_name="Eve"))

    assert refusal.value.reason == "SCOPE_REQUIRED"
