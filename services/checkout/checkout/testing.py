"""Builders of checkout's messages for other services' tests, with defaults."""

from typing import Any

from chassis.runtime.clock import uuid7
from chassis.testing import an_address, an_email, eur
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1.money_pb2 import Total


def an_order(**changes: Any) -> pb.Order:
    """A placed order of two pairs of shoes: 129.00 EUR, and 4.90 EUR for delivery."""
    line = pb.OrderLine(
        id=str(uuid7()), title="Trail Runner 3", options="Size: 42", quantity=2, unit_price=eur(64_50), total=eur(129_00)
    )  # fmt: skip
    defaults = {
        "id": str(uuid7()), "number": "S-100042", "status": "placed", "currency": "EUR", "channel": "de", "email": an_email(),
        "owner_id": str(uuid7()), "lines": [line], "delivery_address": an_address(),
        "totals": [
            Total(type="subtotal", amount=eur(129_00)), Total(type="fulfillment", amount=eur(4_90)), Total(type="total", amount=eur(133_90)),
        ],
        "delivery_option": pb.DeliveryOption(id="standard", title="Standard", earliest_on="2026-03-05", latest_on="2026-03-07"),
    }  # fmt: skip
    order = pb.Order(**{**defaults, **changes})
    order.placed_at.FromJsonString("2026-03-02T09:30:00Z")
    return order


def a_shipment(order: pb.Order) -> pb.Shipment:
    """One piece of each line of an order, on its way."""
    return pb.Shipment(
        id=str(uuid7()), status="shipped", carrier="DHL", tracking_number="0034", tracking_url="https://tracking.example/0034",
        lines=[pb.ShipmentLine(order_line_id=line.id, quantity=1) for line in order.lines],
    )  # fmt: skip
