"""A customer's commitment to buy. The row is also the state of the saga that places it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis import telemetry
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.rpc.errors import DomainError, Refused, VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.errors import WrongOrderStatus

_LOOP: Final = Loop("orders")


class OrderStatus(StrEnum):
    PENDING = "pending"
    ACTION_REQUIRED = "action_required"
    PLACED = "placed"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"


TRANSITIONS: Final[dict[OrderStatus, set[OrderStatus]]] = {
    OrderStatus.PENDING: {OrderStatus.ACTION_REQUIRED, OrderStatus.PLACED, OrderStatus.REFUSED},
    OrderStatus.ACTION_REQUIRED: {OrderStatus.PLACED, OrderStatus.REFUSED},
    OrderStatus.PLACED: {OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLING},
    OrderStatus.PARTIALLY_SHIPPED: {OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED},
    OrderStatus.SHIPPED: {OrderStatus.DELIVERED},
    OrderStatus.DELIVERED: set(),
    OrderStatus.CANCELLING: {OrderStatus.CANCELLED},
    OrderStatus.CANCELLED: set(),
    OrderStatus.REFUSED: set(),
}
UNPLACED: Final = (OrderStatus.PENDING, OrderStatus.ACTION_REQUIRED)
# Those whose money was taken and may be given back.
PAID: Final = (OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


class StepName(StrEnum):
    """The steps of placing an order, in their order."""

    RESERVE = "reserve"
    AUTHORIZE = "authorize"
    REDEEM = "redeem"
    CAPTURE = "capture"
    CONFIRM = "confirm"


class Actor(StrEnum):
    BUYER = "buyer"
    STAFF = "staff"
    SYSTEM = "system"
    PROVIDER = "provider"


@dataclass(kw_only=True)
class Order(Row, table="orders"):
    """Amounts are minor units of `currency`.

    `begun` is the last step that may have had an effect. A `refusal_reason` on an order that is not refused yet means that its steps are
    being undone: from then on nothing goes forward. `expires_at` is when its stock is given back, the deadline of its payment.
    A synthetic one is paid in the simulator, cancelled as soon as it is placed, never shipped, and counted nowhere.
    """

    id: UUID
    version: int = 1
    number: str
    owner_id: UUID
    organization_id: UUID | None = None
    channel_id: str
    external_id: str | None = None
    checkout_id: UUID
    cart_id: UUID
    cart_version: int
    currency: str
    locale: str
    status: OrderStatus = OrderStatus.PENDING
    begun: StepName = StepName.RESERVE
    refusal_reason: str = ""
    refusal_metadata: dict[str, str] = field(default_factory=dict)
    email: str = field(repr=False)
    delivery_address: dict[str, str] = field(repr=False)
    delivery_option: dict[str, Any]
    totals: list[dict[str, Any]]
    tax_lines: list[dict[str, Any]]
    promotion_codes: list[str]
    total_minor: int
    created_at: datetime
    expires_at: datetime
    placed_at: datetime | None = None
    is_synthetic: bool = False

    @property
    def is_refusing(self) -> bool:
        """Whether it was decided that this order is not placed, and what it began is not all undone."""
        return self.status in UNPLACED and bool(self.refusal_reason)

    @property
    def is_settled(self) -> bool:
        """Whether nothing goes on by itself: it is placed or beyond, or over."""
        return self.status not in (*UNPLACED, OrderStatus.CANCELLING)

    @property
    def refusal(self) -> DomainError:
        """The stored refusal, to raise again."""
        error = Refused(self.refusal_reason.replace("_", " ").lower(), **self.refusal_metadata, order_id=self.id)
        error.reason = self.refusal_reason
        return error

    def become(self, status: OrderStatus) -> None:
        """Raises WrongOrderStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongOrderStatus(f"the order is {self.status}", order_id=self.id, status=self.status, wanted=status)
        self.status = status

    def require(self, *statuses: OrderStatus) -> None:
        """Raises WrongOrderStatus unless it has one of these."""
        if self.status not in statuses:
            raise WrongOrderStatus(f"the order is {self.status}", order_id=self.id, status=self.status)


@dataclass(kw_only=True)
class OrderLine(Row, table="order_line"):
    """What was sold, as it was sold. Quantities are in increments, amounts in minor units; `tax_minor` may be in the total already."""

    id: UUID
    order_id: UUID
    position: int
    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    quantity: int
    unit_price_minor: int
    discount_minor: int
    total_minor: int
    tax_minor: int
    tax_class: str
    shipped_quantity: int = 0

    @property
    def unshipped_quantity(self) -> int:
        return self.quantity - self.shipped_quantity


@dataclass(kw_only=True)
class OrderEvent(Row, table="order_event"):
    """A change of an order's status: when, by whom, in which trace."""

    id: UUID
    order_id: UUID
    status: OrderStatus
    at: datetime
    actor: Actor
    trace_id: str


async def next_number(tx: Tx, channel_id: str, prefix: str) -> str:
    """The next order number of a channel, e.g. S-100042. Gaps are allowed."""
    record = await tx.fetch_one("SELECT next_order_number(%s)", [channel_id])
    assert record is not None
    return f"{prefix}-{record[0]}"


async def save(tx: Tx, order: Order) -> None:
    """Writes what the saga and shipping change of an order. Raises VersionMismatch if somebody else was faster."""
    order.version += 1
    touched = await tx.run(
        "UPDATE orders SET version = %s, status = %s, begun = %s, refusal_reason = %s, refusal_metadata = %s, placed_at = %s"
        " WHERE id = %s AND version = %s",
        [
            order.version, order.status, order.begun, order.refusal_reason, Jsonb(order.refusal_metadata), order.placed_at,
            order.id, order.version - 1,
        ],
    )  # fmt: skip
    if not touched:
        raise VersionMismatch("the order changed meanwhile")


def note(tx: Tx, order: Order, actor: Actor) -> OrderEvent:
    """Adds the order's status to its history, with the commit."""
    event = OrderEvent(id=uuid7(), order_id=order.id, status=order.status, at=tx.now, actor=actor, trace_id=telemetry.trace_id())
    tx.insert_later(event)
    return event


async def lines_of(read: Read, order_ids: Sequence[UUID]) -> list[OrderLine]:
    return await read.find(OrderLine, "WHERE order_id = ANY(%s) ORDER BY order_id, position", [list(order_ids)])


async def history_of(read: Read, order_ids: Sequence[UUID]) -> list[OrderEvent]:
    """Oldest first."""
    return await read.find(OrderEvent, "WHERE order_id = ANY(%s) ORDER BY order_id, id", [list(order_ids)])


async def with_ids(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Returns the orders that exist and can be read."""
    return {order.id: order for order in await find_readable(read, Order, "WHERE id = ANY(%s)", [list(order_ids)], loop=_LOOP)}


async def existing(read: Read, order_ids: Sequence[UUID]) -> set[UUID]:
    """Returns the ids that are an order's, also where the order cannot be read."""
    return {id for (id,) in await read.fetch("SELECT id FROM orders WHERE id = ANY(%s)", [list(order_ids)])}


async def page_of(read: Read, *, owner_id: UUID | None, status: str, before: UUID | None, limit: int) -> list[Order]:
    """Orders, newest first, before an id: of one owner, or of all where `owner_id` is None; of one status, or of any where it is empty."""
    rest = "WHERE TRUE"
    params: list[Any] = []
    if owner_id is not None:
        rest += " AND owner_id = %s"
        params.append(owner_id)
    if status:
        rest += " AND status = %s"
        params.append(status)
    if before is not None:
        rest += " AND id < %s"
        params.append(before)
    return await read.find(Order, rest + " ORDER BY id DESC LIMIT %s", [*params, limit])


async def stuck_since(read: Read, moment: datetime, *, limit: int = 100) -> list[Order]:
    """Orders made before `moment` that should have gone on by themselves, oldest first: those that wait for their buyer are not among them."""
    rest = (
        "WHERE status IN ('pending', 'cancelling', 'action_required') AND created_at < %s"
        " AND (status <> 'action_required' OR refusal_reason <> '' OR expires_at <= %s) ORDER BY created_at LIMIT %s"
    )
    return await find_readable(read, Order, rest, [moment, read.now, limit], loop=_LOOP)
