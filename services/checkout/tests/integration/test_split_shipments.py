"""Orders of which some goods are not there yet: together, or what is there before the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from cart.testing import a_line
from chassis.line_item import Availability
from chassis.runtime.clock import uuid7
from checkout.merchant_settings import directory
from services.checkout.tests.checkout_world import World
from services.checkout.tests.integration.test_carriers import ship
from services.checkout.tests.integration.test_delivery_settings import ask, put
from services.checkout.tests.integration.test_tracking import track
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import delivery_pb2
from sojourn.common.v1 import line_item_pb2


@pytest.fixture(autouse=True)
def settings_are_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "MAX_AGE_SECONDS", -1.0)


async def standard_splits(world: World, split: delivery_pb2.DeliverySplit.ValueType) -> None:
    await world.components.delivery.seed()
    standard = await ask(world, "GetDeliveryMethod", code="standard")
    standard.split = split
    await put(world, standard)


def promised(world: World, days: int | None, kind: Availability) -> Any:
    """Returns a line that is there after some days, or nobody knows when."""
    at = None if days is None else world.clock.now() + timedelta(days=days)
    variant_id = uuid7()
    world.stock.on_hand[str(variant_id)] = 5
    return a_line(variant_id, price_minor=10_00, promise=kind, expected_at=at)


async def begun(world: World, owner_id: UUID, *days: int | None) -> pb.Checkout:
    more = [promised(world, each, Availability.BACKORDER) for each in days]
    return await world.ready(owner_id, more=more)


async def wish(world: World, checkout: pb.Checkout, owner_id: UUID, split: bool) -> pb.Checkout:
    request = pb.UpdateCheckoutRequest(checkout_id=checkout.id, split_shipments=split)
    return await world.ask(world.checkouts.UpdateCheckout, request, world.shopper(owner_id))


def standard(checkout: pb.Checkout) -> pb.DeliveryOption:
    return next(each for each in checkout.delivery_options if each.id == "standard")


def groups(option: pb.DeliveryOption) -> list[list[str]]:
    return [list(each.line_ids) for each in option.shipments]


async def test_the_buyer_has_what_is_there_sent_before_the_rest_each_with_its_own_days(
    world: World,
) -> None:
    await standard_splits(world, delivery_pb2.DELIVERY_SPLIT_BUYER)
    owner_id = uuid7()

    first = await begun(world, owner_id, 30, 20)
    there, late, soon = [line.id for line in first.lines]
    split = await wish(world, first, owner_id, True)
    again = await wish(world, split, owner_id, False)
    order = await world.complete(await wish(world, again, owner_id, True), owner_id)
    parcel = await ship(world, order, carrier="DHL", tracking_number="1",
        lines=[{"order_line_id": order.lines[0].id, "quantity": 1}])  # fmt: skip
    followed = await track(world, order, world.shopper(owner_id))

    together, parted = standard(first), standard(split)
    assert (together.can_split, first.split_shipments, split.split_shipments) == (True, False, True)
    assert groups(together) == [[there, late, soon]]
    assert groups(parted) == [[there], [soon], [late]]
    days = [each.latest_on for each in parted.shipments]
    assert days == sorted(days)
    assert together.shipments[0].latest_on == together.latest_on == parted.latest_on == days[-1]
    assert parted.earliest_on == parted.shipments[0].earliest_on < together.earliest_on
    assert groups(standard(again)) == groups(together)
    assert not next(each for each in split.delivery_options if each.id == "express").can_split
    ids = [line.id for line in order.lines]
    assert groups(order.delivery_option) == [[ids[0]], [ids[2]], [ids[1]]]
    assert [each.latest_on for each in order.delivery_option.shipments] == days
    # The first parcel is late after its own days, and not after those of the last one.
    assert followed.parcels[0].shipment_id == parcel.id
    late_from = followed.parcels[0].late_from.ToDatetime(UTC)
    assert date.fromisoformat(days[0]) < late_from.date() < date.fromisoformat(days[1])


async def test_a_merchant_who_always_splits_needs_no_wish_and_unknown_days_are_not_promised(
    world: World,
) -> None:
    await standard_splits(world, delivery_pb2.DELIVERY_SPLIT_ALWAYS)
    owner_id = uuid7()

    checkout = await begun(world, owner_id, None, 10)
    option = standard(checkout)
    order = await world.complete(checkout, owner_id)
    await ship(world, order, carrier="DHL", tracking_number="1",
        lines=[{"order_line_id": order.lines[1].id, "quantity": 1}])  # fmt: skip
    followed = await track(world, order, world.shopper(owner_id))

    there, unknown, soon = [line.id for line in checkout.lines]
    assert groups(option) == [[there], [soon], [unknown]]
    assert (option.shipments[2].earliest_on, option.shipments[2].latest_on) == ("", "")
    assert option.latest_on == option.shipments[1].latest_on
    assert not option.can_split
    # Shipped today, it has the days of an order of today.
    late_from = followed.parcels[0].late_from.ToDatetime(UTC)
    assert late_from - timedelta(days=1) <= _end_of(option.shipments[0].latest_on)


async def test_without_a_rule_all_wait_for_the_last_and_what_is_there_has_no_plan(
    world: World, refusal_of: Any
) -> None:
    await standard_splits(world, delivery_pb2.DELIVERY_SPLIT_UNSPECIFIED)
    owner_id = uuid7()

    checkout = await wish(world, await begun(world, owner_id, 10), owner_id, True)
    waits = standard(await begun(world, owner_id, None))
    plain = standard(await world.ready(owner_id))
    pickup = await ask(world, "GetDeliveryMethod", code="pickup")
    pickup.split = delivery_pb2.DELIVERY_SPLIT_ALWAYS

    option = standard(checkout)
    assert (groups(option), option.can_split) == ([[line.id for line in checkout.lines]], False)
    assert option.earliest_on > plain.latest_on
    assert (len(waits.shipments), waits.shipments[0].latest_on) == (1, "")
    assert waits.latest_on == plain.latest_on
    assert (list(plain.shipments), plain.can_split) == ([], False)
    assert await refusal_of(put(world, pickup)) == "INVALID_DELIVERY_SETTING"
    assert checkout.lines[1].item.promise == line_item_pb2.AVAILABILITY_BACKORDER


def _end_of(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)
