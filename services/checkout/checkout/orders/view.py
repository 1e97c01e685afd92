"""An order with its lines, payments, refunds, shipments, cancellations and history."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.line_item import LineItem
from checkout.cancellations.model import Cancellation
from checkout.orders.model import Order, OrderEvent, OrderLine
from checkout.payments.model import Payment
from checkout.payments.refunds import Refund
from checkout.shipments.model import Shipment, ShipmentLine


@dataclass(slots=True)
class OrderView:
    """An order with the rows that belong to it."""

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    shipment_lines: list[ShipmentLine] = field(default_factory=list)
    history: list[OrderEvent] = field(default_factory=list)
    cancellations: list[Cancellation] = field(default_factory=list)

    def cancelled_items(self, cancellation: Cancellation) -> dict[UUID, LineItem]:
        """Returns what a cancellation took out of the order, by order line."""
        lines = {line.id: line for line in self.lines}
        return {
            each.order_line_id: lines[each.order_line_id]
            .item(self.order.currency)
            .part(each.start, each.end)
            for each in cancellation.lines
        }

    def items_of(self, shipment: Shipment) -> dict[UUID, LineItem]:
        """Returns the items of a shipment by order line.

        Over all shipments, amounts add up to those of the lines.
        """
        lines = {line.id: line for line in self.lines}
        shipped, items = dict.fromkeys(lines, 0), dict[UUID, LineItem]()
        for each in self.shipments:
            for part in (part for part in self.shipment_lines if part.shipment_id == each.id):
                start = shipped[part.order_line_id]
                shipped[part.order_line_id] = end = start + part.quantity
                if each.id == shipment.id:
                    items[part.order_line_id] = (
                        lines[part.order_line_id].item(self.order.currency).part(start, end)
                    )
        return items
