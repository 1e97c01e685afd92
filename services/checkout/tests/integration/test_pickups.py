"""Orders that are picked up in a store: no address, a code, and a state of their own."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from chassis.runtime.clock import uuid7
from chassis.testing import an_address, eventually
from checkout.pickups.deadlines import remind_pickup
from services.checkout.tests.checkout_world import World
from services.checkout.tests.integration.test_delivery_settings import a_method, ask, put
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2, pickup_pb2
from sojourn.checkout.v1 import pickup_service_pb2 as pickups
from sojourn.checkout.v1.events_pb2 import OrderCancelled, OrderPlaced
from sojourn.checkout.v1.pickup_events_pb2 import (
    OrderCollected,
    OrderReadyForPickup,
    PickupReminderDue,
)

STORE = "berlin-mitte"


async def begun(world: World, owner_id: UUID, **cart: Any) -> pb.Checkout:
    request = pb.CreateCheckoutRequest(
        cart_id=world.cart(owner_id, **cart), email="ada@example.org", payment_method_id="card",
        payment_token="pm_card_ok",
    )  # fmt: skip
    return await world.ask(
        world.checkouts.CreateCheckout, request, world.shopper(owner_id), key=str(uuid7())
    )


async def update(world: World, owner_id: UUID, checkout: pb.Checkout, **changes: Any) -> Any:
    request = pb.UpdateCheckoutRequest(checkout_id=checkout.id, **changes)
    return await world.ask(world.checkouts.UpdateCheckout, request, world.shopper(owner_id))


async def picked_up(world: World, owner_id: UUID) -> pb.Order:
    """Returns a placed order that is picked up in the store."""
    world.stores.open_store()
    checkout = await begun(world, owner_id)
    changes = {"pickup_location": STORE, "delivery_option_id": "pickup"}
    ready = await update(world, owner_id, checkout, **changes)
    assert ready.status == pb.CHECKOUT_STATUS_READY_FOR_COMPLETE
    return await world.complete(ready, owner_id)


async def staff(world: World, method: str, **request: Any) -> pb.Order:
    message = getattr(pickups, f"{method}Request")(**request)
    token = world.tokens.staff("orders.write")
    return await world.ask(getattr(world.pickups, method), message, token)


async def code_of(world: World, order: pb.Order, token: str) -> str:
    request = pickups.GetPickupCodeRequest(order_id=order.id)
    found = await world.ask(world.pickups.GetPickupCode, request, token)
    return str(found.pickup_code)


async def test_an_order_without_an_address_is_ready_and_collected_with_its_code(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    token = world.shopper(owner_id)
    order = await picked_up(world, owner_id)
    early = await refusal_of(code_of(world, order, token))
    ready = await staff(world, "MarkReadyForPickup", order_id=order.id)
    again = await staff(world, "MarkReadyForPickup", order_id=order.id)
    code = await code_of(world, order, token)
    wrong = "000000" if code != "000000" else "111111"
    refused = await refusal_of(staff(world, "CollectOrder", order_id=order.id, pickup_code=wrong))
    shown = f"{code[:3]} {code[3:]}"
    done = await staff(world, "CollectOrder", order_id=order.id, pickup_code=shown)
    repeated = await staff(world, "CollectOrder", order_id=order.id, pickup_code=code)

    assert not order.HasField("delivery_address")
    assert (order.pickup.store.code, order.pickup.store.name) == (STORE, "Sojourn Mitte")
    assert order.pickup.status == pickup_pb2.PICKUP_STATUS_PREPARING
    assert (early, refused) == ("NOT_READY_FOR_PICKUP", "WRONG_PICKUP_CODE")
    assert (ready.status, ready.pickup.status) == (
        pb.ORDER_STATUS_PLACED, pickup_pb2.PICKUP_STATUS_READY,
    )  # fmt: skip
    assert again == ready
    assert (done.status, done.pickup.status) == (
        pb.ORDER_STATUS_DELIVERED, pickup_pb2.PICKUP_STATUS_COLLECTED,
    )  # fmt: skip
    assert done == repeated
    assert done.lines[0].shipped.steps == done.lines[0].item.quantity.steps
    [told] = await world.service.events(OrderReadyForPickup)
    assert (told.pickup_code, told.order.email) == (code, "ada@example.org")
    assert [each.order.id for each in await world.service.events(OrderCollected)] == [order.id]
    assert code not in str(await world.scalar("SELECT json_agg(audit) FROM audit"))


async def test_the_code_is_the_buyers_alone_and_no_order_or_other_event_has_it(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    order = await picked_up(world, owner_id)
    await staff(world, "MarkReadyForPickup", order_id=order.id)
    code = await code_of(world, order, world.shopper(owner_id))
    read = await world.ask(
        world.orders.GetOrder, pb.GetOrderRequest(order_id=order.id), world.shopper(owner_id)
    )

    for token in (world.shopper(uuid7()), world.tokens.staff("orders.write", "orders.read")):
        assert await refusal_of(code_of(world, order, token)) == "ORDER_NOT_FOUND"
    assert code not in str(read)
    assert code not in str(await world.service.events(OrderPlaced))
    assert code not in repr(await world.order_of(order.checkout_id))


async def test_a_checkout_offers_pickup_in_a_store_before_an_address_is_known(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    world.stores.open_store()
    world.stores.open_store("paris", country="FR", postal_code="75001")
    world.stores.open_store("tokyo", country="JP")
    world.stores.open_store("empty")
    world.stores.missing["empty"] = {"SKU"}
    checkout = await begun(world, owner_id)

    chosen = await update(world, owner_id, checkout, pickup_location=STORE)
    both = await update(world, owner_id, checkout, delivery_address=an_address())
    cleared = await update(world, owner_id, checkout, pickup_location="")
    abroad = await update(world, owner_id, checkout, pickup_location="paris")
    unknown = await refusal_of(update(world, owner_id, checkout, pickup_location="nowhere"))
    far = await refusal_of(update(world, owner_id, checkout, pickup_location="tokyo"))

    assert [option.id for option in chosen.delivery_options] == ["pickup"]
    assert chosen.pickup_store.name == "Sojourn Mitte"
    assert [message.path for message in chosen.messages] == ["$.delivery_option_id"]
    assert [option.id for option in both.delivery_options] == ["pickup", "standard", "express"]
    assert not cleared.HasField("pickup_store")
    # The seeded pick-up is of the home country alone.
    assert [option.id for option in abroad.delivery_options] == ["standard", "express"]
    assert (unknown, far) == ("UNKNOWN_PICKUP_LOCATION", "UNKNOWN_PICKUP_LOCATION")


async def test_a_store_without_the_goods_is_refused(world: World, refusal_of: Any) -> None:
    owner_id = uuid7()
    world.stores.open_store()
    checkout = await begun(world, owner_id)
    world.stores.missing[STORE] = {line.item.sku for line in checkout.lines}

    refused = await refusal_of(update(world, owner_id, checkout, pickup_location=STORE))

    assert refused == "PICKUP_UNAVAILABLE"


async def test_what_is_picked_up_is_taxed_at_the_store_and_what_is_sent_where_it_goes(
    world: World,
) -> None:
    owner_id = uuid7()
    world.stores.open_store()
    checkout = await begun(world, owner_id, tax_included=False)
    in_paris = an_address(
        address_country="FR", postal_code="75001", address_locality="Paris", address_region=""
    )
    sent = await update(
        world, owner_id, checkout, delivery_address=in_paris, delivery_option_id="standard",
        pickup_location=STORE,
    )  # fmt: skip
    taken = await update(world, owner_id, checkout, delivery_option_id="pickup")

    assert [line.rate for line in sent.tax_lines] == ["0.2"]
    assert [line.rate for line in taken.tax_lines] == ["0.19"]


async def test_an_order_to_an_address_is_not_picked_up_and_the_other_way_round(
    world: World, refusal_of: Any
) -> None:
    owner_id = uuid7()
    _, sent = await world.buy()
    taken = await picked_up(world, owner_id)
    ship = pb.CreateShipmentRequest(order_id=taken.id, carrier="DHL", tracking_number="1")
    token = world.tokens.staff("orders.write")

    refused = await refusal_of(staff(world, "MarkReadyForPickup", order_id=sent.id))
    shipped = world.ask(world.orders.CreateShipment, ship, token, key=str(uuid7()))

    assert refused == "NOT_PICKED_UP"
    assert await refusal_of(shipped) == "PICKED_UP_IN_STORE"


@pytest.mark.parametrize("method", ["MarkReadyForPickup", "CollectOrder"])
async def test_buyers_hand_nothing_over(world: World, refusal_of: Any, method: str) -> None:
    request = getattr(pickups, f"{method}Request")(order_id=str(uuid7()))
    if method == "CollectOrder":
        request.pickup_code = "1"

    refused = await refusal_of(
        world.ask(getattr(world.pickups, method), request, world.shopper(uuid7()))
    )

    assert refused == "SCOPE_REQUIRED"


async def keep_for(
    world: World, days: int, reminder_days: int, cancel_days: int | None = None
) -> None:
    """Has stores keep orders for some days, remind buyers before the end and cancel after it."""
    await world.components.delivery.seed()
    method = await ask(world, "GetDeliveryMethod", code="pickup")
    method.pickup_days, method.pickup_reminder_days = days, reminder_days
    method.ClearField("pickup_cancel_days")
    if cancel_days is not None:
        method.pickup_cancel_days = cancel_days
    await put(world, method)


async def overdue(world: World, is_overdue: bool = True) -> list[str]:
    request = order_desk_pb2.SearchOrdersRequest(pickup_overdue=is_overdue)
    found = await world.ask(world.desk.SearchOrders, request, world.tokens.staff("orders.read"))
    return [each.order.id for each in found.orders]


async def remind(world: World, order: pb.Order) -> bool:
    async with world.database.tx() as tx:
        return await remind_pickup(tx, UUID(order.id))


async def test_a_store_keeps_an_order_to_the_end_of_a_day_reminds_once_and_then_staff_see_it(
    world: World,
) -> None:
    await keep_for(world, 7, 2)
    owner_id = uuid7()
    order = await picked_up(world, owner_id)
    other = await picked_up(world, uuid7())
    before = await remind(world, order)
    ready = await staff(world, "MarkReadyForPickup", order_id=order.id)
    await staff(world, "MarkReadyForPickup", order_id=other.id)
    code = await code_of(world, other, world.shopper(UUID(other.owner_id)))
    await staff(world, "CollectOrder", order_id=other.id, pickup_code=code)
    keeps_until = ready.pickup.keeps_until.ToDatetime(UTC)
    zone = ZoneInfo(ready.pickup.store.time_zone)
    due = await world.scalar("SELECT due_at FROM timer WHERE kind = 'pickup.remind'")
    left = (keeps_until - world.clock.now()).total_seconds()

    assert world.stock.picked_up_at[order.id] == STORE
    local = keeps_until.astimezone(zone)
    assert (local.hour, local.date() - world.clock.now().astimezone(zone).date()) == (
        0, timedelta(days=8),
    )  # fmt: skip
    assert due.astimezone(zone).date() == local.date() - timedelta(days=2)
    assert (before, await remind(world, order), await remind(world, other)) == (False, True, False)
    [told] = await world.service.events(PickupReminderDue)
    assert (told.order.id, len(told.pickup_code)) == (order.id, 6)
    assert await overdue(world) == []
    world.clock.shift_to(left + 60)
    assert await overdue(world) == [order.id]
    assert order.id not in await overdue(world, False)
    assert await remind(world, order) is False, "the end is over"
    code = await code_of(world, order, world.shopper(owner_id))
    late = await staff(world, "CollectOrder", order_id=order.id, pickup_code=code)
    assert (late.status, await overdue(world)) == (pb.ORDER_STATUS_DELIVERED, [])
    assert not late.pickup.HasField("keeps_until")


async def uncollected(world: World, *, cancel_days: int | None = 3) -> tuple[UUID, pb.Order]:
    """Returns a buyer and an order that waits in its store; its days are over in business time."""
    await keep_for(world, 7, 2, cancel_days)
    owner_id = uuid7()
    order = await picked_up(world, owner_id)
    await staff(world, "MarkReadyForPickup", order_id=order.id)
    return owner_id, order


async def let_pass(world: World, days: int) -> None:
    """Moves business time on, from the present one."""
    world.clock.shift_to(days * 86_400)


async def has_status(world: World, order: pb.Order, status: pb.OrderStatus.ValueType) -> bool:
    request = pb.GetOrderRequest(order_id=order.id)
    read = await world.ask(world.orders.GetOrder, request, world.tokens.staff("orders.read"))
    return bool(read.status == status)


async def test_an_order_that_nobody_collects_is_cancelled_after_the_days_that_the_method_sets(
    world: World,
) -> None:
    _, order = await uncollected(world)
    stock = world.stock.on_hand[str(world.variant_id)]

    async with world.working():
        await let_pass(world, 10)
        assert await has_status(world, order, pb.ORDER_STATUS_PLACED)
        await let_pass(world, 12)
        await eventually(lambda: has_status(world, order, pb.ORDER_STATUS_CANCELLED))

    [told] = await world.service.events(OrderCancelled)
    sums = await world.provider.sums(order.id)
    assert (told.order.id, told.order.email) == (order.id, "ada@example.org")
    assert sums["refunded_minor"] == sums["captured_minor"] > 0
    assert world.stock.on_hand[str(world.variant_id)] == stock + order.lines[0].item.quantity.steps
    assert await overdue(world) == []


async def test_without_the_setting_and_once_collected_an_order_is_not_cancelled(
    world: World,
) -> None:
    owner_id, collected = await uncollected(world)
    code = await code_of(world, collected, world.shopper(owner_id))
    await staff(world, "CollectOrder", order_id=collected.id, pickup_code=code)
    timers_left = "SELECT count(*) FROM timer WHERE kind = 'pickup.cancel'"
    assert await world.scalar(timers_left) == 0

    _, kept = await uncollected(world, cancel_days=None)

    assert await world.scalar(timers_left) == 0
    await let_pass(world, 40)
    assert await overdue(world) == [kept.id]
    assert await world.service.events(OrderCancelled) == []


async def test_an_uncollected_order_on_hold_is_cancelled_a_day_after_it_is_released(
    world: World,
) -> None:
    _, order = await uncollected(world, cancel_days=0)
    writer = world.tokens.staff("orders.write")
    hold = order_desk_pb2.HoldOrderRequest(
        order_id=order.id, reason=order_desk_pb2.HOLD_REASON_BUYER_REQUEST
    )
    await world.ask(world.desk.HoldOrder, hold, writer)
    due = "SELECT due_at FROM timer WHERE kind = 'pickup.cancel'"
    first = await world.scalar(due)

    async with world.working():
        await let_pass(world, 9)

        async def is_postponed() -> bool:
            return bool(await world.scalar(due) > first)

        await eventually(is_postponed)
        release = order_desk_pb2.ReleaseOrderRequest(order_id=order.id)
        await world.ask(world.desk.ReleaseOrder, release, writer)
        assert await has_status(world, order, pb.ORDER_STATUS_PLACED)
        await let_pass(world, 11)
        await eventually(lambda: has_status(world, order, pb.ORDER_STATUS_CANCELLED))


@pytest.mark.parametrize(
    "point", ["before:cancel_pickup:commit", "after:cancel_pickup:commit", "after:cancel:void"]
)
async def test_a_kill_at_any_step_of_an_uncollected_order_ends_in_one_refund_and_one_restock(
    world: World, tmp_path: Path, point: str
) -> None:
    _, order = await uncollected(world)
    stock = world.stock.on_hand[str(world.variant_id)]
    crash = {"CRASH_AT": point, "CRASH_MARKER": str(tmp_path / "crashed")}

    async with world.process(**crash, RESUME_AFTER_SECONDS="1") as running:
        async with world.database.tx() as tx:
            past = "UPDATE timer SET due_at = %s WHERE kind = 'pickup.cancel'"
            await tx.run(past, [tx.now - timedelta(minutes=1)])
        assert await running.ended(within=20) == -9
    await world.lapse_leases()
    async with world.working():
        await eventually(lambda: has_status(world, order, pb.ORDER_STATUS_CANCELLED))

    sums = await world.provider.sums(order.id)
    assert sums["refunded_minor"] == sums["captured_minor"] > 0
    assert world.stock.on_hand[str(world.variant_id)] == stock + order.lines[0].item.quantity.steps
    assert len(await world.service.events(OrderCancelled)) == 1


async def test_days_of_a_pickup_that_make_no_sense_are_refused(
    world: World, refusal_of: Any
) -> None:
    await world.components.delivery.seed()
    assert await refusal_of(keep_for(world, 0, 0, 3)) == "INVALID_DELIVERY_SETTING"

    assert await refusal_of(keep_for(world, 3, 3)) == "INVALID_DELIVERY_SETTING"
    assert await refusal_of(put(world, a_method(pickup_days=3))) == "INVALID_DELIVERY_SETTING"
