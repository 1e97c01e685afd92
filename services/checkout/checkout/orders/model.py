"""A customer's commitment to buy. The row is also the state of the saga that places it."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Index, Integer, Text, UniqueConstraint, bindparam, func, or_, text, update
from sqlmodel import col, select

from chassis import telemetry
from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from chassis.line_item import LineItem
from chassis.money import Money
from chassis.quantity import PIECE, Quantity
from chassis.rpc.errors import DomainError, Refused, VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.checkouts.totals import TotalEntry
from checkout.delivery.options import DeliveryOption
from checkout.errors import WrongOrderStatus
from checkout.taxes.calculation import TaxLine

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


class Order(Row, table=True):
    """Amounts are minor units of `currency`.

    `begun` is the last step that may have had an effect. A `refusal_reason` on an order that is not refused yet means that its steps are
    being undone: from then on nothing goes forward. `expires_at` is when its stock is given back, the deadline of its payment.
    A synthetic one is paid in the simulator, cancelled as soon as it is placed, never shipped, and counted nowhere.
    """

    # "order" is a reserved word.
    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("channel_id", "number"),
        states("status", OrderStatus),
        CheckConstraint("begun IN ('reserve', 'authorize', 'redeem', 'capture', 'confirm')"),
        CheckConstraint("total_minor >= 0"),
        # One checkout makes one order; a refused or cancelled one gives way to the next.
        Index("orders_live_of_checkout", "checkout_id", unique=True, postgresql_where=text("status NOT IN ('refused', 'cancelled')")),
        Index("orders_owner", "owner_id", "id"),
        Index("orders_unsettled", "created_at", postgresql_where=text("status IN ('pending', 'action_required', 'cancelling')")),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    number: str
    owner_id: UUID
    organization_id: UUID | None = None
    channel_id: str
    external_id: str | None = None
    checkout_id: UUID
    cart_id: UUID
    cart_version: int = counter()
    currency: str
    locale: str
    status: OrderStatus = code(OrderStatus, default=OrderStatus.PENDING)
    begun: StepName = code(StepName, default=StepName.RESERVE)
    refusal_reason: str = ""
    refusal_metadata: dict[str, str] = document(dict[str, str], default_factory=dict)
    email: str = Field(repr=False)
    delivery_address: dict[str, str] = document(dict[str, str], repr=False)
    delivery_option: DeliveryOption = document(DeliveryOption)
    totals: list[TotalEntry] = document(list[TotalEntry])
    tax_lines: list[TaxLine] = document(list[TaxLine])
    promotion_codes: list[str] = document(list[str])
    total_minor: int = minor()
    created_at: datetime
    expires_at: datetime
    placed_at: datetime | None = None
    is_synthetic: bool = column(Boolean, default=False, server_default="false")

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


class OrderLine(Row, table=True):
    """A line of an order, as it was sold.

    Quantities are in 10^-`scale` units, amounts in minor units, the mass is the whole line's; `tax_minor` may be in the total already.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint("quantity > 0"),
        CheckConstraint("discount_minor <= 0"),
        CheckConstraint("shipped_quantity BETWEEN 0 AND quantity"),
        Index("order_line_order", "order_id"),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    position: int
    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    quantity: int = counter()
    unit_price_minor: int = minor()
    discount_minor: int = minor()
    total_minor: int = minor()
    tax_minor: int = minor()
    tax_class: str
    shipped_quantity: int = counter(default=0)
    scale: int = column(Integer, default=0, server_default="0")
    unit_code: str = column(Text, default=PIECE, server_default="'C62'")
    mass_grams: int = column(BigInteger, default=0, server_default="0")
    increment: int = column(Integer, default=1, server_default="1")

    @property
    def unshipped_quantity(self) -> int:
        return self.quantity - self.shipped_quantity

    @property
    def shipped(self) -> Quantity:
        return Quantity(self.shipped_quantity, self.scale, self.increment, self.unit_code)

    def item(self, currency: str) -> LineItem:
        """The line as it was sold, in its order's currency."""
        return LineItem(
            variant_id=self.variant_id,
            product_id=self.product_id,
            sku=self.sku,
            title=self.title,
            options=self.options,
            product_slug=self.product_slug,
            image_url=self.image_url,
            quantity=Quantity(self.quantity, self.scale, self.increment, self.unit_code),
            unit_price=Money(self.unit_price_minor, currency),
            subtotal=Money(self.total_minor - self.discount_minor, currency),
            discount=Money(self.discount_minor, currency),
            tax_class=self.tax_class,
            mass_grams=self.mass_grams,
        )


class OrderEvent(Row, table=True):
    """A change of an order's status: when, by whom, in which trace."""

    __tablename__ = "order_event"
    __table_args__ = (states("actor", Actor), Index("order_event_order", "order_id", "id"))

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    status: OrderStatus = code(OrderStatus)
    at: datetime
    actor: Actor = code(Actor)
    trace_id: str


# A sequence per channel, which the function makes with the channel's first order.
_NEXT_NUMBER: Final = prepare(select(func.next_order_number(bindparam("channel_id"), type_=BigInteger)))
_SAVE: Final = prepare(
    update(Order)
    .where(col(Order.id) == bindparam("order_id"), col(Order.version) == bindparam("new_version") - 1)
    .values(
        version=bindparam("new_version"),
        status=bindparam("new_status"),
        begun=bindparam("new_begun"),
        refusal_reason=bindparam("new_reason"),
        refusal_metadata=bindparam("new_metadata"),
        placed_at=bindparam("new_placed_at"),
    )
)
_LINES: Final = prepare(
    select(OrderLine).where(one_of(OrderLine.order_id, "order_ids")).order_by(col(OrderLine.order_id), col(OrderLine.position))
)
_HISTORY: Final = prepare(
    select(OrderEvent).where(one_of(OrderEvent.order_id, "order_ids")).order_by(col(OrderEvent.order_id), col(OrderEvent.id))
)


async def next_number(tx: Tx, channel_id: str, prefix: str) -> str:
    """The next order number of a channel, e.g. S-100042. Gaps are allowed."""
    return f"{prefix}-{await tx.one(_NEXT_NUMBER, channel_id=channel_id)}"


async def save(tx: Tx, order: Order) -> None:
    """Writes what the saga and shipping change of an order. Raises VersionMismatch if somebody else was faster."""
    order.version += 1
    if not await tx.execute(
        _SAVE, order_id=order.id, new_version=order.version, new_status=order.status, new_begun=order.begun,
        new_reason=order.refusal_reason, new_metadata=order.refusal_metadata, new_placed_at=order.placed_at,
    ):  # fmt: skip
        raise VersionMismatch("the order changed meanwhile")


def note(tx: Tx, order: Order, actor: Actor) -> OrderEvent:
    """Adds the order's status to its history, with the commit."""
    event = OrderEvent(id=uuid7(), order_id=order.id, status=order.status, at=tx.now, actor=actor, trace_id=telemetry.trace_id())
    tx.deferred.insert(event)
    return event


async def lines_of(read: Read, order_ids: Sequence[UUID]) -> list[OrderLine]:
    return await read.all(_LINES, order_ids=list(order_ids))


async def history_of(read: Read, order_ids: Sequence[UUID]) -> list[OrderEvent]:
    """Oldest first."""
    return await read.all(_HISTORY, order_ids=list(order_ids))


async def with_ids(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Returns the orders that exist and can be read."""
    found = await find_readable(read, Order, select(Order).where(one_of(Order.id, order_ids)), loop=_LOOP)
    return {order.id: order for order in found}


async def existing(read: Read, order_ids: Sequence[UUID]) -> set[UUID]:
    """Returns the ids that are an order's, also where the order cannot be read."""
    return set(await read.all(select(Order.id).where(one_of(Order.id, order_ids))))


async def page_of(read: Read, *, owner_id: UUID | None, status: OrderStatus | None, before: UUID | None, limit: int) -> list[Order]:
    """Orders, newest first, before an id: of one owner, or of all where `owner_id` is None; of one status, or of any where it is None."""
    query = select(Order).order_by(col(Order.id).desc()).limit(limit)
    if owner_id is not None:
        query = query.where(Order.owner_id == owner_id)
    if status is not None:
        query = query.where(Order.status == status)
    if before is not None:
        query = query.where(Order.id < before)
    return await read.all(query)


async def stuck_since(read: Read, moment: datetime, *, limit: int = 100) -> list[Order]:
    """Orders made before `moment` that should have gone on by themselves, oldest first: those that wait for their buyer are not among them."""
    query = (
        select(Order)
        # As the partial index says it.
        .where(text("status IN ('pending', 'action_required', 'cancelling')"), Order.created_at < moment)
        .where(or_(col(Order.status) != OrderStatus.ACTION_REQUIRED, col(Order.refusal_reason) != "", col(Order.expires_at) <= read.now))
        .order_by(col(Order.created_at))
        .limit(limit)
    )
    return await find_readable(read, Order, query, loop=_LOOP)
