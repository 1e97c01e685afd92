"""Payment methods as staff keep them: what a checkout is offered, and how an order is paid."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import uuid7
from chassis.testing import an_address
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import PACKAGES, World, total_of
from sojourn.checkout.v1 import checkout_pb2 as orders_pb
from sojourn.checkout.v1 import payment_methods_pb2 as pb

STAFF = "payments.write"


@pytest.fixture(autouse=True)
def without_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 0.0)


@pytest.fixture(scope="module", autouse=True)
def acme_is_installed() -> Iterator[None]:
    sys.path.append(PACKAGES)
    yield
    sys.path.remove(PACKAGES)


def a_method(code: str = "card-b", **given: Any) -> pb.PaymentMethodRule:
    usual = {"provider": "simulator", "provider_method": "card"}
    return pb.PaymentMethodRule(code=code, **{**usual, **given})


async def ask(world: World, method: str, request: Any) -> Any:
    return await world.ask(getattr(world.methods, method), request, world.tokens.staff(STAFF))


async def put(world: World, method: pb.PaymentMethodRule, version: int = 0) -> Any:
    request = pb.PutPaymentMethodRequest(payment_method=method, expected_version=version)
    return await ask(world, "PutPaymentMethod", request)


async def codes(world: World) -> list[str]:
    found, token = [], ""
    while True:
        request = pb.ListPaymentMethodsRequest()
        request.page.size, request.page.token = 2, token
        page = await ask(world, "ListPaymentMethods", request)
        found += [method.code for method in page.payment_methods]
        if not (token := page.next_page_token):
            return found


async def start_checkout(
    world: World, token: str = "", **cart: Any
) -> tuple[orders_pb.Checkout, str]:
    owner_id = uuid7()
    token = token or world.shopper(owner_id)
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id, **cart), email="ada@example.org"
    )
    made = await world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))
    return made, token


async def offered(world: World, checkout: orders_pb.Checkout, token: str) -> list[str]:
    request = orders_pb.GetCheckoutRequest(checkout_id=checkout.id)
    shown = await world.ask(world.checkouts.GetCheckout, request, token)
    return [method.id for method in shown.payment_methods]


async def update_checkout(
    world: World, checkout: orders_pb.Checkout, token: str, **changes: Any
) -> Any:
    request = orders_pb.UpdateCheckoutRequest(checkout_id=checkout.id, **changes)
    return await world.ask(world.checkouts.UpdateCheckout, request, token)


async def test_the_provider_s_methods_are_offered_and_the_first_change_keeps_them(
    world: World,
) -> None:
    [seed] = (
        await ask(world, "ListPaymentMethods", pb.ListPaymentMethodsRequest())
    ).payment_methods
    await put(world, a_method())
    checkout, token = await start_checkout(world)

    assert (seed.code, seed.provider, seed.active, seed.version) == ("card", "simulator", True, 1)
    assert await codes(world) == ["card", "card-b"]
    assert await offered(world, checkout, token) == ["card", "card-b"]


async def test_a_method_is_put_changed_under_its_version_and_deleted(
    world: World, refusal_of: Any
) -> None:
    first = await put(world, a_method(countries=["FR", "DE"], titles={"de": "Karte"}))
    again = await put(world, a_method(countries=["DE", "FR"], titles={"de": "Karte"}), version=1)
    second = await put(world, a_method(active=False), version=1)

    assert (first.version, again.version, second.version) == (1, 1, 2)
    assert (list(first.countries), first.active, second.active) == (["DE", "FR"], True, False)
    assert await refusal_of(put(world, a_method(), version=1)) == "VERSION_MISMATCH"
    delete = pb.DeletePaymentMethodRequest(code="card-b", expected_version=1)
    assert await refusal_of(ask(world, "DeletePaymentMethod", delete)) == "VERSION_MISMATCH"
    for _ in range(2):
        request = pb.DeletePaymentMethodRequest(code="card-b")
        await ask(world, "DeletePaymentMethod", request)
    missing = ask(world, "GetPaymentMethod", pb.GetPaymentMethodRequest(code="card-b"))
    assert await refusal_of(missing) == "PAYMENT_METHOD_NOT_FOUND"
    actions = await world.scalar("SELECT array_agg(action ORDER BY at, id) FROM audit")
    assert actions == ["payment_method.put"] * 2 + ["payment_method.delete"]
    assert [event.version for event in await world.events(pb.PaymentMethodChanged)] == [1, 2]
    assert [event.code for event in await world.events(pb.PaymentMethodDeleted)] == ["card-b"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"code": ""}, "payment_method.code"),
        ({"provider": "nobody"}, "payment_method.provider"),
        ({"provider_method": "shells"}, "payment_method.provider_method"),
        ({"currencies": ["EUR", "XXX"]}, "payment_method.currencies[1]"),
        ({"amount_to_minor": 100}, "payment_method.currencies"),
        ({"amount_from_minor": 1, "currencies": ["EUR", "USD"]}, "payment_method.currencies"),
        (
            {"amount_from_minor": 2, "amount_to_minor": 1, "currencies": ["EUR"]},
            "payment_method.amount_to_minor",
        ),
        ({"countries": ["Germany"]}, "payment_method.countries[0]"),
    ],
)
async def test_a_wrong_method_is_refused_with_its_place_and_changes_nothing(
    world: World, wrong: dict[str, Any], path: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await put(world, a_method(**{"code": "card-b", **wrong}))

    assert refused.value.reason in ("INVALID_PAYMENT_METHOD", "INVALID_FIELD")
    assert path in str(refused.value.metadata)
    assert await codes(world) == ["card"]


async def test_a_checkout_is_offered_what_fits_in_order_and_preferred_first(world: World) -> None:
    await put(world, a_method("second", position=2, titles={"en": "Two", "de": "Zwei"}))
    await put(world, a_method("first", position=1, channels=["default"], currencies=["EUR"]))
    await put(world, a_method("best", position=9, preferred=True, descriptions={"de": "Gut"}))
    await put(world, a_method("austrian", position=3, countries=["AT"]))
    await put(world, a_method("trade", position=4, customer_groups=["trade"]))
    await put(world, a_method("large", currencies=["EUR"], amount_from_minor=50_00))
    await put(world, a_method("small", position=5, currencies=["EUR"], amount_to_minor=29_90))
    await put(world, a_method("elsewhere", channels=["nl"]))
    await put(world, a_method("dollars", currencies=["USD"]))
    await put(world, a_method("off", active=False))

    checkout, token = await start_checkout(world)
    usual = await offered(world, checkout, token)
    abroad = await update_checkout(
        world,
        checkout,
        token,
        delivery_address=an_address(address_country="AT", postal_code="1010"),
    )
    owner_id = uuid7()
    member = "Bearer " + world.tokens.create("customer", owner_id, group="trade")
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id, quantity=3), email="ada@example.org"
    )
    of_member = await world.ask(world.checkouts.CreateCheckout, request, member, key=str(uuid7()))

    assert usual == ["best", "card", "first", "second", "small"]
    assert [method.id for method in abroad.payment_methods] == [
        "best", "card", "first", "second", "austrian", "small",
    ]  # fmt: skip
    assert [method.id for method in of_member.payment_methods] == [
        "best", "card", "large", "first", "second", "trade",
    ]  # fmt: skip
    best, card, _, second, *_ = abroad.payment_methods
    assert (best.preferred, best.description, best.title) == (
        True, "Gut", "Kredit- oder Debitkarte",
    )  # fmt: skip
    assert (card.needs_token, card.provider, second.title) == (True, "simulator", "Zwei")


async def test_a_method_that_fits_no_more_refuses_the_order_and_charges_nobody(
    world: World,
) -> None:
    owner_id = uuid7()
    checkout = await world.ready(owner_id)
    await put(world, a_method("card", currencies=["EUR"], amount_to_minor=29_89))
    await put(world, a_method("other"))

    with pytest.raises(DomainError) as refused:
        await world.complete(checkout, owner_id)
    token = world.shopper(owner_id)
    shown = await world.ask(
        world.checkouts.GetCheckout, orders_pb.GetCheckoutRequest(checkout_id=checkout.id), token
    )
    with pytest.raises(DomainError) as chosen_again:
        await update_checkout(world, checkout, token, payment_method_id="card")
    await update_checkout(
        world, checkout, token, payment_method_id="other", payment_token="pm_card_ok"
    )
    order = await world.complete(checkout, owner_id)

    assert refused.value.reason == "PAYMENT_METHOD_NOT_OFFERED"
    assert refused.value.metadata["payment_method_id"] == "card"
    assert (shown.status, shown.payment_method_id) == (orders_pb.CHECKOUT_STATUS_INCOMPLETE, "")
    assert [message.path for message in shown.messages] == ["$.payment_method_id"]
    assert chosen_again.value.reason == "UNKNOWN_PAYMENT_METHOD"
    assert order.status == orders_pb.ORDER_STATUS_PLACED
    assert await world.scalar("SELECT array_agg(method_id) FROM payment") == ["other"]
    assert (await world.provider.sums(order.id))["net_captured_minor"] == 29_90


async def test_a_synthetic_shopper_pays_with_the_simulator_whatever_staff_set(
    world: World,
) -> None:
    await put(world, a_method("card", active=False))

    _, order = await world.buy(synthetic=True)

    assert [payment.provider for payment in order.payments] == ["simulator"]
    assert (await world.provider.sums(order.id))["captured_minor"] == 29_90


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,acme"}], indirect=True
)
async def test_a_provider_of_another_package_takes_a_payment_and_gives_a_part_back(
    world: World,
) -> None:
    await put(world, a_method("voucher", provider="acme", provider_method="voucher"))
    owner_id = uuid7()
    token = world.shopper(owner_id)
    request = orders_pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id), email="ada@example.org", delivery_address=an_address(),
        delivery_option_id="standard", payment_method_id="voucher",
    )  # fmt: skip
    checkout = await world.ask(world.checkouts.CreateCheckout, request, token, key=str(uuid7()))
    order = await world.complete(checkout, owner_id)
    refund = orders_pb.RefundOrderRequest(
        order_id=order.id, reason=orders_pb.ORDER_REASON_BUYER_REQUEST
    )
    refund.amount.CopyFrom(total_of(checkout))
    refund.amount.amount_minor = 10_00
    staff = world.tokens.staff("orders.write")
    after = await world.ask(world.orders.RefundOrder, refund, staff, key=str(uuid7()))
    await world.ask(world.orders.Reconcile, orders_pb.ReconcileRequest(), staff)
    acme = sys.modules["acme_payments"]
    _, card_order = await world.buy()

    assert checkout.status == orders_pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    assert [(each.provider, each.captured.amount_minor) for each in order.payments] == [
        ("acme", 29_90)
    ]
    assert [each.refunded.amount_minor for each in after.payments] == [10_00]
    [asked] = [each for each in acme.ASKED if each.reference == order.id]
    assert (asked.method, asked.amount.amount_minor) == ("voucher", 29_90)
    [payment] = [each for each in acme.ACCOUNT.values() if each.reference == order.id]
    assert payment.net_minor == 19_90
    assert [each.provider for each in card_order.payments] == ["simulator"]


@pytest.mark.parametrize(
    "changed_settings", [{"payment_provider": "simulator,acme"}], indirect=True
)
async def test_a_method_whose_provider_is_not_connected_is_not_offered(world: World) -> None:
    await put(world, a_method("wallet", provider="acme", provider_method="wallet"))
    checkout, token = await start_checkout(world)
    connected = await offered(world, checkout, token)
    providers = world.components.participants.providers
    object.__setattr__(providers, "others", ())

    assert connected == ["card", "wallet"]
    assert await offered(world, checkout, token) == ["card"]
    assert await codes(world) == ["card", "wallet"]


async def test_strangers_and_other_staff_change_no_method(world: World, refusal_of: Any) -> None:
    request = pb.PutPaymentMethodRequest(payment_method=a_method())

    for token in (world.shopper(uuid7()), world.tokens.staff("orders.write")):
        refused = await refusal_of(world.ask(world.methods.PutPaymentMethod, request, token))
        assert refused == "SCOPE_REQUIRED"


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Has processes keep what they know of payment methods from now on, as another replica does."""
    return lambda: monkeypatch.setattr(directory, "MAX_AGE_SECONDS", 3_600.0)


async def test_a_method_that_was_set_a_moment_ago_is_offered_to_who_names_it(
    world: World, stale: Callable[[], None]
) -> None:
    checkout, token = await start_checkout(world)
    stale()
    await put(world, a_method("later"))

    chosen = await update_checkout(world, checkout, token, payment_method_id="later")

    assert chosen.payment_method_id == "later"


@pytest.mark.parametrize(
    "before",
    [{"countries": ["FR"]}, {"active": False}, {"currencies": ["EUR"], "amount_to_minor": 1}],
)
async def test_a_method_that_was_changed_a_moment_ago_is_taken_as_it_is_now(
    world: World, stale: Callable[[], None], before: dict[str, Any]
) -> None:
    await put(world, a_method("changed", **before))
    checkout, token = await start_checkout(world)
    stale()
    await put(world, a_method("changed"))

    chosen = await update_checkout(world, checkout, token, payment_method_id="changed")

    assert chosen.payment_method_id == "changed"


async def test_an_order_is_placed_with_a_method_that_is_back_a_moment_ago(
    world: World, stale: Callable[[], None]
) -> None:
    owner_id = uuid7()
    await put(world, a_method("card-b"))
    ready = await world.ready(owner_id)
    token = world.shopper(owner_id)
    changes = {"payment_method_id": "card-b", "payment_token": "pm_card_ok"}
    checkout = await update_checkout(world, ready, token, **changes)
    await put(world, a_method("card-b", active=False))
    assert await offered(world, checkout, token) == ["card"]
    stale()
    await put(world, a_method("card-b"))

    order = await world.complete(checkout, owner_id)

    assert order.status == orders_pb.ORDER_STATUS_PLACED


async def test_methods_that_are_not_there_are_refused_and_looked_for_seldom(
    world: World, stale: Callable[[], None]
) -> None:
    checkout, token = await start_checkout(world)
    stale()

    asked = [
        update_checkout(world, checkout, token, payment_method_id=f"none-{number}")
        for number in range(8)
    ]
    refused = await asyncio.gather(*asked, return_exceptions=True)

    reasons = {each.reason for each in refused if isinstance(each, DomainError)}
    assert (len(refused), reasons) == (8, {"UNKNOWN_PAYMENT_METHOD"})


class CountingGroup:
    """A group of settings that counts how often its revision is read."""

    looks = 0

    async def find_revision(self, read: Any) -> int:
        self.looks += 1
        return self.looks


@dataclass(frozen=True)
class Loaded:
    revision: int


async def test_calls_that_miss_something_at_once_share_a_look_that_began_after_them(
    world: World,
) -> None:
    group = CountingGroup()

    async def load(_read: Any, revision: int) -> Loaded:
        return Loaded(revision)

    followed = directory.Directory(world.database, group, load, Loaded(0))  # type: ignore[arg-type]  # a table is all it needs
    first = await followed.latest()
    began_at = time.monotonic()

    found = await asyncio.gather(*(followed.latest() for _ in range(50)))

    assert first.revision == 1
    assert {each.revision for each in found} <= {2, 3}
    assert group.looks <= 3
    assert time.monotonic() - began_at >= directory.MISS_SECONDS * 0.9
