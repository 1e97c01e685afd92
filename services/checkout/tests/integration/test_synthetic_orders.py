"""Orders of synthetic shoppers: paid, cancelled by a timer, not shipped, not counted."""

import pytest
from prometheus_client import REGISTRY

from chassis.rpc.errors import Refused
from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from checkout.errors.payments import ProviderUnavailable
from checkout.payments.provider import Providers, connect_all
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import events_pb2

COUNTED = (
    "orders_total",
    "payments_total",
    "revenue_minor_total",
    "refunded_minor_total",
    "checkout_seconds_count",
)


def _counted():
    samples = (sample for metric in REGISTRY.collect() for sample in metric.samples)
    return {
        str((sample.name, sample.labels)): sample.value
        for sample in samples
        if sample.name in COUNTED
    }


def _synthetic(status):
    return REGISTRY.get_sample_value("synthetic_orders_total", {"status": status})


def _use(world, providers):
    """Replaces the connected providers."""
    object.__setattr__(world.components.participants, "providers", providers)


class _Bank:
    """A real provider that fails the test if it is called."""

    name = "bank"
    methods = ()

    def __getattr__(self, name):
        raise AssertionError(f"{name} was asked of the bank")


async def _order(world, order_id, owner):
    return await world.ask(
        world.orders.GetOrder,
        pb.GetOrderRequest(order_id=order_id),
        world.shopper(owner, synthetic=True),
    )


async def _cancelled(world, order_id, owner):
    async def look():
        found = await _order(world, order_id, owner)
        return found if found.status == pb.ORDER_STATUS_CANCELLED else None

    return await eventually(look, within=15)


async def _are_synthetic(world):
    """Returns the values of "is synthetic" of the events in the outbox."""
    async with world.database.read() as read:
        return {
            is_synthetic
            for (is_synthetic,) in await read.fetch("SELECT headers ? 'ce-synthetic' FROM outbox")
        }


async def test_a_synthetic_order_is_cancelled_by_a_timer_and_refunded(world):
    before, placed, cancelled = _counted(), _synthetic("placed"), _synthetic("cancelled")

    # Nothing but the timers of another process goes on after the answer: the shopper may be dead.
    owner, order = await world.buy(synthetic=True)
    assert (order.status, order.synthetic, order.number.split("-")[0]) == (
        pb.ORDER_STATUS_PLACED,
        True,
        "SYNTHETIC",
    )
    async with world.working():
        over = await _cancelled(world, order.id, owner)

    assert [(event.status, bool(event.refund_id)) for event in over.history] == [
        (pb.ORDER_STATUS_PENDING, False),
        (pb.ORDER_STATUS_PLACED, False),
        (pb.ORDER_STATUS_CANCELLING, False),
        (pb.ORDER_STATUS_CANCELLING, True),
        (pb.ORDER_STATUS_CANCELLED, False),
    ]
    assert {event.actor for event in over.history[2:]} == {pb.ORDER_ACTOR_SYSTEM}
    sums = await world.provider.sums(order.id)
    assert (sums["captured_minor"], sums["net_captured_minor"]) == (29_90, 0)
    assert (
        world.stock.on_hand[str(world.variant_id)],
        world.stock.reserved[str(world.variant_id)],
    ) == (10, 0)
    assert _counted() == before
    assert (_synthetic("placed") - placed, _synthetic("cancelled") - cancelled) == (1, 1)


async def test_events_of_a_synthetic_order_are_marked_synthetic(world):
    owner, order = await world.buy(synthetic=True)
    async with world.working():
        await _cancelled(world, order.id, owner)

    for kind in (events_pb2.OrderPlaced, events_pb2.OrderCancelled):
        assert [event.order.synthetic for event in await world.events(kind)] == [True]
    for kind in (events_pb2.CheckoutStarted, events_pb2.OrderRefunded):
        assert [event.synthetic for event in await world.events(kind)] == [True]
    assert await _are_synthetic(world) == {True}


async def test_events_of_other_orders_are_not_marked_synthetic(world):
    await world.buy()

    assert [event.synthetic for event in await world.events(events_pb2.CheckoutStarted)] == [False]
    assert [event.order.synthetic for event in await world.events(events_pb2.OrderPlaced)] == [
        False
    ]
    assert await _are_synthetic(world) == {False}
    assert not await world.scalar(
        "SELECT count(*) FROM timer WHERE kind = 'order.cancel_synthetic'"
    )


async def test_a_synthetic_shopper_may_cancel_the_order(world):
    owner, order = await world.buy(synthetic=True)

    request = pb.CancelOrderRequest(order_id=order.id, reason=pb.ORDER_REASON_BUYER_REQUEST)
    answer = await world.ask(
        world.orders.CancelOrder, request, world.shopper(owner, synthetic=True)
    )
    async with world.working():
        over = await _cancelled(world, order.id, owner)

        async def no_timer_is_left():
            return not await world.scalar("SELECT count(*) FROM timer WHERE kind LIKE 'order.%%'")

        await eventually(no_timer_is_left)

    assert answer.status in (pb.ORDER_STATUS_CANCELLING, pb.ORDER_STATUS_CANCELLED)
    assert len([event for event in over.history if not event.refund_id]) == 4
    assert (await world.provider.sums(order.id))["refunded_minor"] == 29_90


async def test_a_synthetic_order_is_never_shipped(world):
    _, order = await world.buy(synthetic=True)

    with pytest.raises(Refused) as refusal:
        await world.ask(
            world.orders.CreateShipment,
            pb.CreateShipmentRequest(order_id=order.id, carrier="DHL"),
            world.tokens.staff("orders.write"),
            key=str(uuid7()),
        )

    assert refusal.value.reason == "SYNTHETIC_ORDER"


async def test_a_synthetic_order_beside_a_real_provider_is_paid_in_the_simulator(world):
    _use(world, Providers(_Bank(), world.components.participants.providers.main))

    _, order = await world.buy(synthetic=True)

    assert [payment.provider for payment in order.payments] == ["simulator"]
    assert (await world.provider.sums(order.id))["captured_minor"] == 29_90


async def test_a_synthetic_checkout_without_a_simulator_is_refused(world):
    _use(world, Providers(_Bank(), None))

    with pytest.raises(Refused) as refusal:
        await world.ready(uuid7(), synthetic=True)

    assert refusal.value.reason == "SYNTHETIC_PAYMENTS_OFF"
    assert await world.scalar("SELECT count(*) FROM checkout") == 0


@pytest.mark.parametrize(("cart", "caller"), [(True, False), (False, True)])
async def test_a_cart_is_ordered_by_its_own_kind_of_shopper(world, cart, caller):
    owner = uuid7()
    request = pb.CreateCheckoutRequest(
        cart_id=world.cart(owner, synthetic=cart), email="ada@example.org"
    )

    with pytest.raises(Refused) as refusal:
        await world.ask(
            world.checkouts.CreateCheckout,
            request,
            world.shopper(owner, synthetic=caller),
            key=str(uuid7()),
        )

    assert refusal.value.reason == "SYNTHETIC_MISMATCH"


async def test_a_declined_synthetic_payment_is_not_counted(world, refusal_of):
    before, owner = _counted(), uuid7()
    checkout = await world.ready(owner, payment_token="pm_card_declined", synthetic=True)

    assert await refusal_of(world.complete(checkout, owner, synthetic=True)) == "PAYMENT_DECLINED"

    assert _counted() == before


async def test_an_unavailable_simulator_does_not_hide_payments_of_the_real_provider(world):
    simulator, lost = world.components.participants.providers.main, str(uuid7())
    body = {
        "reference": lost,
        "amount_minor": 10_00,
        "currency": "EUR",
        "payment_method": "pm_card_ok",
    }
    (
        await world.provider.http.post("/v1/payments", json=body, headers={"Idempotency-Key": lost})
    ).raise_for_status()

    class Away:
        name = "other"

        async def movements(self, **_):
            raise ProviderUnavailable

    _use(world, Providers(simulator, Away()))
    found = await world.ask(
        world.orders.Reconcile, pb.ReconcileRequest(), world.tokens.staff("orders.write")
    )

    assert found.paid_without_order >= 1
    assert (await world.provider.sums(lost))["holding_minor"] == 0


async def test_synthetic_orders_leave_no_gaps_in_order_numbers(world):
    numbers = [
        (await world.buy(synthetic=synthetic))[1].number for synthetic in (False, True, False)
    ]

    first, _, last = (int(number.rpartition("-")[2]) for number in numbers)
    assert last == first + 1


async def test_a_simulator_as_the_main_provider_serves_synthetic_shoppers_too(monkeypatch):
    for name, value in {
        "SIMULATOR_URL": "http://simulator",
        "SIMULATOR_API_KEY": "key",
        "WEBHOOK_SECRET": "secret",
    }.items():
        monkeypatch.setenv(name, value)

    connected = connect_all("simulator", with_simulator=False, timeout_seconds=1)

    assert connected.for_shopper(is_synthetic=True) is connected.for_shopper(is_synthetic=False)
    assert [provider.name for provider in connected.all] == ["simulator"]
    await connected.main.close()
