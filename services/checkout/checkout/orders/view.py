"""Orders with everything that belongs to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.data.tx import Read
from chassis.line_item import LineItem
from chassis.rpc.auth import Caller
from checkout.errors import OrderNotFound
from checkout.orders import model as orders
from checkout.orders.model import Order, OrderEvent, OrderLine, OrderStatus
from checkout.payments import model as payments
from checkout.payments.model import Payment
from checkout.shipments import model as shipments
from checkout.shipments.model import Shipment, ShipmentLine

# Those that may have parcels.
_SHIPPED = (OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


@dataclass(slots=True)
class OrderView:
    """One order with its lines, payments, shipments and history."""

    order: Order
    lines: list[OrderLine] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    shipment_lines: list[ShipmentLine] = field(default_factory=list)
    history: list[OrderEvent] = field(default_factory=list)

    def items_of(self, shipment: Shipment) -> dict[UUID, LineItem]:
        """What is in one of the shipments, by order line. Over all shipments, amounts sum up to those of the lines."""
        lines = {line.id: line for line in self.lines}
        shipped, items = dict.fromkeys(lines, 0), dict[UUID, LineItem]()
        for each in self.shipments:
            for part in (part for part in self.shipment_lines if part.shipment_id == each.id):
                start = shipped[part.order_line_id]
                shipped[part.order_line_id] = end = start + part.quantity
                if each.id == shipment.id:
                    items[part.order_line_id] = lines[part.order_line_id].item(self.order.currency).part(start, end)
        return items


async def of(read: Read, found: Sequence[Order]) -> list[OrderView]:
    """Views of orders, in their order, by one statement per table."""
    views = {order.id: OrderView(order) for order in found}
    if not views:
        return []
    ids = list(views)
    for line in await orders.lines_of(read, ids):
        views[line.order_id].lines.append(line)
    for payment in await payments.of_orders(read, ids):
        views[payment.order_id].payments.append(payment)
    for event in await orders.history_of(read, ids):
        views[event.order_id].history.append(event)
    await _add_shipments(read, views.values())
    return list(views.values())


async def with_id(read: Read, order_id: UUID) -> OrderView:
    """Raises OrderNotFound."""
    order = await read.get(Order, order_id)
    if order is None:
        raise OrderNotFound
    return (await of(read, [order]))[0]


def require_reader(caller: Caller, order: Order) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who read orders."""
    if not caller.scopes & {"orders.read", "orders.write"}:
        caller.must_own(order.owner_id, OrderNotFound())


def require_writer(caller: Caller, order: Order) -> None:
    """Raises OrderNotFound unless the caller is the buyer or staff who change orders."""
    caller.must_own(order.owner_id, OrderNotFound(), or_scope="orders.write")


async def _add_shipments(read: Read, views: Iterable[OrderView]) -> None:
    shipped = {view.order.id: view for view in views if view.order.status in _SHIPPED}
    if not shipped:
        return
    of_shipment: dict[UUID, OrderView] = {}
    for shipment in await shipments.of_orders(read, list(shipped)):
        shipped[shipment.order_id].shipments.append(shipment)
        of_shipment[shipment.id] = shipped[shipment.order_id]
    for line in await shipments.lines_of(read, list(of_shipment)):
        of_shipment[line.shipment_id].shipment_lines.append(line)
