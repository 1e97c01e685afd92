from __future__ import annotations

from uuid import UUID

import pytest

from chassis.rpc.client import ServiceTokens
from chassis.rpc.errors import Denied, Invalid, NotFound, Unauthenticated
from identity.settings import Settings
from services.identity.tests.identity_replica import Replica
from sojourn.identity.v1 import identity_pb2 as pb


async def test_a_service_gets_a_token_with_its_scopes(identity: Replica) -> None:
    caller = await identity.caller(await identity.service_token())

    assert (caller.kind, caller.client_id, caller.subject_id, caller.act_for) == (
        "service",
        "cart",
        None,
        None,
    )
    assert caller.scopes == {"stock.reserve", "customers.read"}


async def test_a_service_acts_for_a_shopper_who_waits_at_one_service_only(
    identity: Replica,
) -> None:
    ana = await identity.guest()
    token = await identity.service_token(
        "checkout", "checkout-secret", audience="cart", subject_token=ana.access_token
    )

    caller = await identity.verifier_of("cart").verify(token)

    assert caller.act_for == caller.shopper_id == UUID(ana.subject_id)
    for elsewhere in ("identity", "catalog", "checkout", "journey", "notifications"):
        with pytest.raises(Denied) as refusal:
            await identity.verifier_of(elsewhere).verify(token)
        assert refusal.value.reason == "ACTING_NOT_ALLOWED"


@pytest.mark.parametrize(("client_id", "secret"), [("cart", "cart-secret"), ("gateway", "other")])
async def test_a_client_without_the_permission_acts_for_nobody(
    identity: Replica, client_id: str, secret: str
) -> None:
    ana = await identity.register()

    for named in (
        {"act_for": ana.subject_id},
        {"act_for": ana.subject_id, "audience": "cart"},
        {"subject_token": ana.access_token},
    ):
        with pytest.raises(Denied) as refusal:
            await identity.service_token(client_id, secret, **named)
        assert refusal.value.reason == "ACTING_NOT_ALLOWED"


async def test_a_client_with_the_permission_acts_only_at_its_audiences_and_for_the_shoppers_token(
    identity: Replica,
) -> None:
    ana, ben, staff = (
        await identity.register(),
        await identity.guest(),
        await identity.log_in_staff(),
    )
    mine = ana.access_token
    attempts: list[tuple[dict[str, str], str]] = [
        ({"act_for": ana.subject_id, "audience": "cart"}, "ACTING_NOT_ALLOWED"),
        ({"subject_token": mine, "audience": "identity"}, "ACTING_NOT_ALLOWED"),
        ({"subject_token": mine, "act_for": ben.subject_id, "audience": "cart"}, "INVALID_TOKEN"),
        ({"subject_token": staff.removeprefix("Bearer "), "audience": "cart"}, "INVALID_TOKEN"),
        ({"subject_token": mine[:-4] + "AAAA", "audience": "cart"}, "INVALID_TOKEN"),
    ]

    for named, reason in attempts:
        with pytest.raises((Denied, Unauthenticated)) as refusal:
            await identity.service_token("checkout", "checkout-secret", **named)
        assert refusal.value.reason == reason


async def test_the_client_of_the_chassis_gets_tokens(identity: Replica) -> None:
    mine = identity.wiring.settings.model_dump() | {
        "client_id": "cart",
        "client_secret": "cart-secret",
    }
    tokens = ServiceTokens(identity.peer, Settings(**mine))

    assert (await identity.caller(await tokens.authorization())).client_id == "cart"


@pytest.mark.parametrize(
    ("client_id", "secret"),
    [("cart", "wrong"), ("cart", ""), ("nobody", ""), ("", ""), ("gateway", "cart-secret")],
)
async def test_a_wrong_secret_and_an_unknown_service_are_refused_alike(
    identity: Replica, client_id: str, secret: str
) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await identity.service_token(client_id, secret)

    assert (refusal.value.reason, refusal.value.message) == (
        "WRONG_CREDENTIALS",
        "the client id or its secret is wrong",
    )


async def test_an_act_for_that_is_not_an_id_is_refused(identity: Replica) -> None:
    with pytest.raises(Invalid) as refusal:
        await identity.service_token("checkout", "checkout-secret", act_for="ana", audience="cart")

    assert refusal.value.reason == "INVALID_ID"


async def test_a_service_reads_customers_with_the_scope_only(identity: Replica) -> None:
    ana = await identity.register("ana@example.com")
    scoped, unscoped = (
        await identity.service_token(),
        await identity.service_token("gateway", "other"),
    )
    get, hers = identity.customers.GetCustomer, pb.GetCustomerRequest(customer_id=ana.subject_id)

    assert (await identity.as_(scoped, get, hers)).email == "ana@example.com"
    with pytest.raises(NotFound) as stranger:
        await identity.as_(unscoped, get, hers)
    with pytest.raises(Denied):
        await identity.as_(scoped, get, pb.GetCustomerRequest())

    assert stranger.value.reason == "CUSTOMER_NOT_FOUND"
