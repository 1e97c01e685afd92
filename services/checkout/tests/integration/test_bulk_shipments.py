"""Bulk shipments: a bad row stops no other, and a repeat ships nothing twice."""

from __future__ import annotations

from typing import Any

from chassis.runtime.clock import uuid7
from services.checkout.tests.checkout_world import World
from sojourn.checkout.v1 import bulk_shipments_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2, order_desk_pb2
from sojourn.checkout.v1.events_pb2 import OrderShipped

SHIPPED = pb.BULK_SHIPMENT_STATUS_SHIPPED
BEFORE = pb.BULK_SHIPMENT_STATUS_SHIPPED_BEFORE
REFUSED = pb.BULK_SHIPMENT_STATUS_REFUSED


async def ship(
    world: World, *rows: dict[str, Any], token: str = "", key: str = "", dry_run: bool = False
) -> pb.ShipOrdersResponse:
    request = pb.ShipOrdersRequest(
        rows=[pb.BulkShipmentRow(**{"carrier": "DHL", **row}) for row in rows], dry_run=dry_run
    )
    token = token or world.tokens.staff("orders.write")
    return await world.ask(world.bulk.ShipOrders, request, token, key=key or str(uuid7()))


def statuses(answer: pb.ShipOrdersResponse) -> list[int]:
    return [each.status for each in answer.results]


async def test_rows_ship_but_those_that_cannot_and_only_once(world: World) -> None:
    first, second, held = [(await world.buy(quantity=2, sku="MUG"))[1] for _ in range(3)]
    hold = order_desk_pb2.HoldOrderRequest(
        order_id=held.id, reason=order_desk_pb2.HOLD_REASON_FRAUD
    )
    await world.ask(world.desk.HoldOrder, hold, world.tokens.staff("orders.write"))
    rows: list[dict[str, Any]] = [
        {"order_number": "S-999999"},
        {"order_number": first.number, "sku": "MUG", "quantity": 1, "tracking_number": "1"},
        {"order_number": held.number, "tracking_number": "2"},
        {"order_number": second.number.lower(), "channel": second.channel},
        {"order_number": first.number, "sku": "NONE", "tracking_number": "3"},
    ]

    dry = await ship(world, *rows, dry_run=True)
    told = len(await world.service.events(OrderShipped))
    token = world.tokens.staff("orders.write")
    done = await ship(world, *rows, token=token, key="monday")
    again = await ship(world, *rows, token=token, key="monday")
    rest = await ship(world, {"order_number": first.number, "tracking_number": "4"})

    assert (told, statuses(dry)) == (0, [REFUSED, SHIPPED, REFUSED, SHIPPED, REFUSED])
    assert statuses(done) == statuses(dry)
    assert [each.reason for each in done.results] == [
        "ORDER_NOT_FOUND", "", "ORDER_ON_HOLD", "", "ORDER_LINE_NOT_FOUND",
    ]  # fmt: skip
    assert statuses(again) == [REFUSED, BEFORE, REFUSED, BEFORE, REFUSED]
    assert [each.shipment_id for each in again.results] == [
        each.shipment_id for each in done.results
    ]
    assert (done.shipped, done.shipped_before, done.refused, rest.shipped) == (2, 0, 3, 1)
    events = await world.service.events(OrderShipped)
    assert [each.order.number for each in events] == [first.number, second.number, first.number]
    assert events[-1].order.status == checkout_pb2.ORDER_STATUS_SHIPPED


async def test_a_file_ships_as_rows_do(world: World, refusal_of: Any) -> None:
    _, order = await world.buy()
    content = f"order_number;carrier;tracking_number\n{order.number};DHL;0034\n".encode()

    async def upload(content: bytes) -> pb.ShipOrdersResponse:
        request = pb.ShipOrdersOfFileRequest(content=content)
        token = world.tokens.staff("orders.write")
        return await world.ask(world.bulk.ShipOrdersOfFile, request, token, key=str(uuid7()))

    assert [statuses(await upload(content)) for _ in range(2)] == [[SHIPPED], [BEFORE]]
    assert await refusal_of(upload(b"number\n1\n")) == "INVALID_SHIPMENT_FILE"
