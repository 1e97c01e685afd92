"""Search of orders: filters that are combined, and sorted pages by keyset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    text,
    true,
    tuple_,
)
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.desk.model import OrderHold, OrderTag
from checkout.errors.orders import InvalidOrderSearch
from checkout.guests.model import ConvertedGuest
from checkout.orders.model import Order, OrderLine, OrderStatus
from checkout.payments.model import Payment, PaymentStatus

# As in the index `orders_country`.
_delivery_country: Final[ColumnElement[str]] = literal_column(
    "(orders.delivery_address ->> 'address_country')"
)


class OrderSort(StrEnum):
    """Orders in which found orders come."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TOTAL_DESCENDING = "total_descending"
    TOTAL_ASCENDING = "total_ascending"

    @property
    def is_by_total(self) -> bool:
        return self in (OrderSort.TOTAL_DESCENDING, OrderSort.TOTAL_ASCENDING)

    @property
    def is_descending(self) -> bool:
        return self in (OrderSort.NEWEST, OrderSort.TOTAL_DESCENDING)

    def position_of(self, order: Order) -> list[Any]:
        """Returns where the page after an order begins."""
        return [order.total_minor, order.id] if self.is_by_total else [order.id]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSearch:
    """Filters that must all fit; what is empty or None is no filter."""

    number: str = ""
    email: str = ""
    customer_id: UUID | None = None
    organization_id: UUID | None = None
    sku: str = ""
    placed_from: datetime | None = None
    placed_to: datetime | None = None
    statuses: Sequence[OrderStatus] = ()
    currency: str = ""
    total_from_minor: int | None = None
    total_to_minor: int | None = None
    channel: str = ""
    country: str = ""
    payment_method: str = ""
    payment_status: PaymentStatus | None = None
    tags: Sequence[str] = ()
    is_held: bool | None = None
    includes_synthetic: bool = False
    # Whether a store no longer keeps it, at `now`.
    is_pickup_overdue: bool | None = None
    now: datetime | None = None
    sort: OrderSort = OrderSort.NEWEST

    def require_valid(self) -> None:
        """Raises InvalidOrderSearch for amounts without a currency, and an end before its start."""
        if not self.currency and (
            self.sort.is_by_total or (self.total_from_minor, self.total_to_minor) != (None, None)
        ):
            raise InvalidOrderSearch(path="currency", problem="amounts are compared in one")
        if self.placed_from and self.placed_to and self.placed_to <= self.placed_from:
            raise InvalidOrderSearch(path="placed_to", problem="it is not after placed_from")


async def search_orders(
    read: Read, search: OrderSearch, after: Sequence[Any] | None, *, limit: int
) -> list[Order]:
    """Returns orders that fit, after a position. Raises InvalidOrderSearch."""
    search.require_valid()
    return await read.all(search_statement(search, after, limit=limit))


def search_statement(
    search: OrderSearch, after: Sequence[Any] | None, *, limit: int
) -> SelectOfScalar[Order]:
    """Returns the statement of a search."""
    keys: list[Any] = [col(Order.total_minor)] if search.sort.is_by_total else []
    keys.append(col(Order.id))
    query = select(Order).where(*search_conditions(search)).limit(limit)
    if after is not None:
        position = tuple_(*keys) if len(keys) > 1 else keys[0]
        there: Any = (
            tuple_(*(literal(part) for part in after)) if len(keys) > 1 else literal(after[0])
        )
        query = query.where(position < there if search.sort.is_descending else position > there)
    return query.order_by(*(key.desc() if search.sort.is_descending else key for key in keys))


def search_conditions(search: OrderSearch) -> list[ColumnElement[bool]]:
    """Returns the conditions of the filters of a search."""
    return [*_own_filters(search), *_related_filters(search)]


def matches_text(words: str) -> ColumnElement[bool]:
    """Returns whether the number, a SKU or a line's title of an order has a text.

    No index serves it: use it with the orders of one buyer.
    """
    folded = words.strip().lower()
    return or_(
        func.lower(col(Order.number)) == folded,
        exists().where(
            col(OrderLine.order_id) == col(Order.id),
            or_(
                func.lower(col(OrderLine.sku)) == folded,
                func.lower(col(OrderLine.title)).contains(folded, autoescape=True),
            ),
        ),
    )


def _own_filters(search: OrderSearch) -> list[ColumnElement[bool]]:
    """Returns the filters by columns of orders."""
    found: list[ColumnElement[bool]] = []
    if search.statuses:
        found.append(one_of(Order.status, [each.value for each in search.statuses]))
    else:
        found.append(col(Order.status) != OrderStatus.REFUSED)
    if not search.includes_synthetic:
        found.append(col(Order.is_synthetic).is_(false()))
    if search.number:
        found.append(col(Order.number) == search.number.strip().upper())
    if search.email:
        # As in the partial index `orders_email`.
        found += [col(Order.email) != "", func.lower(col(Order.email)) == _folded(search.email)]
    if search.customer_id:
        guests = select(ConvertedGuest.guest_id).where(
            ConvertedGuest.customer_id == search.customer_id
        )
        buyers = select(literal(search.customer_id)).union_all(guests)
        found.append(col(Order.owner_id).in_(buyers))
    if search.organization_id:
        found.append(col(Order.organization_id) == search.organization_id)
    if search.placed_from:
        found.append(col(Order.placed_at) >= search.placed_from)
    if search.placed_to:
        found.append(col(Order.placed_at) < search.placed_to)
    if search.currency:
        found.append(col(Order.currency) == search.currency)
    if search.total_from_minor is not None:
        found.append(col(Order.total_minor) >= search.total_from_minor)
    if search.total_to_minor is not None:
        found.append(col(Order.total_minor) <= search.total_to_minor)
    if search.channel:
        found.append(col(Order.channel_id) == search.channel)
    if search.country:
        found.append(_delivery_country == search.country)
    if search.is_pickup_overdue is not None:
        is_overdue = and_(
            col(Order.status) == OrderStatus.PLACED,
            col(Order.pickup_keeps_until).is_not(None),
            col(Order.pickup_keeps_until) <= search.now,
        )
        found.append(is_overdue if search.is_pickup_overdue else is_overdue.is_not(true()))
    return found


def _related_filters(search: OrderSearch) -> list[ColumnElement[bool]]:
    """Returns the filters by what belongs to an order."""
    found: list[ColumnElement[bool]] = []
    if search.sku:
        skus = select(OrderLine.order_id).where(OrderLine.sku == search.sku)
        found.append(col(Order.id).in_(skus))
    if search.payment_method or search.payment_status:
        payment: list[ColumnElement[bool]] = [col(Payment.order_id) == col(Order.id)]
        if search.payment_method:
            payment.append(col(Payment.method_id) == search.payment_method)
        if search.payment_status:
            payment.append(col(Payment.status) == search.payment_status)
        found.append(exists().where(and_(*payment)))
    for tag in search.tags:
        found.append(col(Order.id).in_(select(OrderTag.order_id).where(OrderTag.tag == tag)))
    if search.is_held is not None:
        holds = select(OrderHold.order_id).where(text("order_hold.released_at IS NULL"))
        is_held = col(Order.id).in_(holds)
        found.append(is_held if search.is_held else ~is_held)
    return found


def _folded(email: str) -> str:
    return email.strip().lower()
