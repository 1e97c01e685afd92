"""Builders of messages of checkout with defaults, for tests of other services."""

from dataclasses import replace
from typing import Any

from chassis.rpc import wire
from chassis.runtime.clock import uuid7
from chassis.testing import an_address, an_email, an_item, eur
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1.money_pb2 import (
    TOTAL_TYPE_FULFILLMENT,
    TOTAL_TYPE_SUBTOTAL,
    TOTAL_TYPE_TOTAL,
    Total,
)


def an_order(**changes: Any) -> pb.Order:
    """Returns a placed order of two pairs of shoes: 129.00 EUR, and 4.90 EUR for delivery."""
    item = an_item(quantity=2, price_minor=64_50, title="Trail Runner 3", options="Size: 42")
    shipped = wire.quantity(replace(item.quantity, steps=0))
    line = pb.OrderLine(id=str(uuid7()), item=wire.line_item(item), tax=eur(20_60), shipped=shipped)
    defaults = {
        "id": str(uuid7()),
        "number": "S-100042",
        "status": pb.ORDER_STATUS_PLACED,
        "currency": "EUR",
        "channel": "de",
        "email": an_email(),
        "owner_id": str(uuid7()),
        "lines": [line],
        "delivery_address": an_address(),
        "totals": [
            Total(type=TOTAL_TYPE_SUBTOTAL, amount=eur(129_00)),
            Total(type=TOTAL_TYPE_FULFILLMENT, amount=eur(4_90)),
            Total(type=TOTAL_TYPE_TOTAL, amount=eur(133_90)),
        ],
        "delivery_option": pb.DeliveryOption(
            id="standard", title="Standard", earliest_on="2026-03-05", latest_on="2026-03-07"
        ),
    }
    order = pb.Order(**{**defaults, **changes})
    order.placed_at.FromJsonString("2026-03-02T09:30:00Z")
    return order


def a_shipment(order: pb.Order) -> pb.Shipment:
    """Returns a shipment of one piece of each line of an order."""
    return pb.Shipment(
        id=str(uuid7()),
        status=pb.SHIPMENT_STATUS_SHIPPED,
        carrier="DHL",
        tracking_number="0034",
        tracking_url="https://tracking.example/0034",
        lines=[_part(line) for line in order.lines],
    )


def _part(line: pb.OrderLine) -> pb.ShipmentLine:
    return pb.ShipmentLine(
        order_line_id=line.id, item=wire.line_item(wire.line_item_of(line.item).part(0, 1))
    )
