"""Events that an older release published and that this release handles after an upgrade."""

from __future__ import annotations

import pytest
from google.protobuf.message import Message

from chassis.events.broker import Broker
from chassis.testing import running
from checkout.testing import a_shipment, an_order
from services.notifications.tests.notifications_world import World, content_of, placed, publish
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import events_pb2
from sojourn.common.v1.money_pb2 import TOTAL_TYPE_UNSPECIFIED, Money


def text_field(number: int, text: bytes) -> bytes:
    """A text or message field on the wire. Its number is below 16, its length below 128."""
    return bytes([number << 3 | 2, len(text)]) + text


def number_field(number: int, value: int) -> bytes:
    """A number field on the wire. The number is below 128."""
    return bytes([number << 3, value])


def an_older_order(status: bytes = b"placed") -> pb.Order:
    """An order whose status, lines and types of totals are in fields that are now reserved."""
    order = an_order()
    order.ClearField("status")
    order.MergeFromString(text_field(3, status))
    for line in order.lines:
        amount = Money(amount_minor=129_00, currency="EUR").SerializeToString()
        line.ClearField("item")
        line.ClearField("shipped")
        line.MergeFromString(
            text_field(5, b"Trail Runner 3") + number_field(7, 2) + text_field(10, amount)
        )
    for total in order.totals:
        total.ClearField("type")
        total.MergeFromString(text_field(1, b"total"))
    return order


def an_older_shipment(order: pb.Order) -> pb.Shipment:
    shipment = pb.Shipment(
        id=order.id,
        carrier="DHL",
        tracking_number="0034",
        tracking_url="https://tracking.example/0034",
    )
    shipment.MergeFromString(text_field(2, b"shipped"))
    for line in order.lines:
        shipment.lines.add(order_line_id=line.id).MergeFromString(number_field(2, 1))
    return shipment


def shipped(order: pb.Order) -> events_pb2.OrderShipped:
    return events_pb2.OrderShipped(order=order, shipment=an_older_shipment(order), locale="en")


def delivered(order: pb.Order) -> events_pb2.OrderDelivered:
    return events_pb2.OrderDelivered(order=order, shipment=an_older_shipment(order), locale="en")


def cancelled(order: pb.Order) -> events_pb2.OrderCancelled:
    return events_pb2.OrderCancelled(order=order, locale="en")


def test_an_order_of_the_older_release_has_no_items_no_types_and_no_status() -> None:
    order = pb.Order.FromString(an_older_order().SerializeToString())

    assert order.status == pb.ORDER_STATUS_UNSPECIFIED
    assert [line.HasField("item") for line in order.lines] == [False]
    assert {total.type for total in order.totals} == {TOTAL_TYPE_UNSPECIFIED}


@pytest.fixture
async def broker(world: World) -> Broker:
    return await world.service.broker()


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (placed(an_older_order(), "en"), "Your order S-100042 is confirmed"),
        (shipped(an_older_order(b"shipped")), "Your order S-100042 is on its way"),
        (delivered(an_older_order(b"delivered")), "Your order S-100042 has arrived"),
        (cancelled(an_older_order(b"cancelled")), "Your order S-100042 was cancelled"),
    ],
    ids=["placed", "shipped", "delivered", "cancelled"],
)
async def test_an_event_of_the_older_release_is_mailed_without_its_lines_and_totals(
    world: World, broker: Broker, event: Message, subject: str
) -> None:
    async with running(world.consumer(broker), world.timers()):
        await publish(broker, event)
        mail = await world.becomes("sent")

    [letter] = world.postbox.to(mail.recipient)
    assert letter.subject == subject
    assert (
        mail.variables["lines"],
        mail.variables.get("totals", []),
        mail.variables.get("total"),
    ) == ([], [], None)
    content = content_of(letter)
    assert "Trail Runner 3" not in content["text"] + content["html"]
    assert "129.00" not in content["text"] + content["html"]


async def test_a_confirmation_of_an_older_order_has_its_number_address_and_delivery(
    world: World,
) -> None:
    order = an_older_order()
    await world.confirm(order.email)
    await world.handle(placed(order, "en"))
    async with world.working():
        await world.becomes("sent")

    [letter] = world.postbox.to(order.email)
    text = content_of(letter)["text"]
    assert [
        wanted
        for wanted in ("Hello Ana", "S-100042", "Standard", "Unter den Linden 1", "Germany")
        if wanted not in text
    ] == []


async def test_lines_and_totals_of_this_release_stay_if_older_ones_are_omitted(
    world: World,
) -> None:
    order = an_order()
    order.lines.extend(an_older_order().lines)
    order.totals.extend(an_older_order().totals)
    shipment = a_shipment(an_order())
    shipment.lines.extend(an_older_shipment(an_older_order()).lines)

    await world.handle(
        placed(order, "en"), events_pb2.OrderShipped(order=order, shipment=shipment, locale="en")
    )

    confirmation, on_its_way = await world.mails()
    assert [line["title"] for line in confirmation.variables["lines"]] == ["Trail Runner 3"]
    assert [total["type"] for total in confirmation.variables["totals"]] == [
        "subtotal",
        "fulfillment",
        "total",
    ]
    assert [(line["title"], line["quantity"]) for line in on_its_way.variables["lines"]] == [
        ("Trail Runner 3", 1)
    ]
