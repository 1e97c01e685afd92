"""Reads of exports: orders of a time, and the sources of a journal, page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import literal, or_, tuple_
from sqlmodel import col, select

from chassis.data.statements import one_of
from chassis.data.tx import Read
from checkout.cancellations.model import Cancellation
from checkout.captures.model import PaymentCapture
from checkout.claims.model import Claim
from checkout.desk.search import OrderSearch, search_conditions
from checkout.gift_cards.model import EntryKind, GiftCard, GiftCardEntry
from checkout.order_exports.model import ExportOptions, JournalAccounts
from checkout.orders.model import Order, OrderEvent, OrderStatus
from checkout.payments.model import Payment
from checkout.payments.refunds import Refund
from checkout.returns.model import Return


@dataclass(frozen=True, slots=True)
class Found:
    """A row of a source: its time, its id, and its order."""

    at: datetime
    id: UUID
    order_id: UUID


async def get_journal_accounts(read: Read, channel: str) -> JournalAccounts:
    """Returns the accounts of a channel; version 0 where nothing was set for it."""
    found = await read.get(JournalAccounts, channel)
    return found or JournalAccounts(channel=channel, accounts={}, version=0)


async def find_placed_orders(
    read: Read, options: ExportOptions, after: tuple[datetime, UUID] | None, *, limit: int
) -> list[Order]:
    """Returns orders that were placed in the time after a position, oldest first."""
    search = OrderSearch(
        placed_from=options.since,
        placed_to=options.until,
        channel=options.channel,
        currency=options.currency,
        statuses=[options.status] if options.status else (),
        tags=[options.tag] if options.tag else (),
    )
    query = select(Order).where(*search_conditions(search))
    if after is not None:
        place: Any = tuple_(literal(after[0]), literal(after[1]))
        query = query.where(tuple_(col(Order.placed_at), col(Order.id)) > place)
    query = query.order_by(col(Order.placed_at), col(Order.id)).limit(limit)
    return await read.all(query)


def _placed() -> tuple[Any, Any, Any, Sequence[Any]]:
    return col(Order.placed_at), col(Order.id), col(Order.id), ()


def _captured_later() -> tuple[Any, Any, Any, Sequence[Any]]:
    return col(Payment.captured_at), col(Payment.id), col(Payment.order_id), ()


def _captured_by_part() -> tuple[Any, Any, Any, Sequence[Any]]:
    at = col(PaymentCapture.captured_at)
    return at, col(PaymentCapture.id), col(PaymentCapture.order_id), ()


def _refunded() -> tuple[Any, Any, Any, Sequence[Any]]:
    return col(Refund.refunded_at), col(Refund.id), col(Refund.order_id), ()


def _refund_failed() -> tuple[Any, Any, Any, Sequence[Any]]:
    return col(Refund.failed_at), col(Refund.id), col(Refund.order_id), ()


def _refund_repaid() -> tuple[Any, Any, Any, Sequence[Any]]:
    return col(Refund.repaid_at), col(Refund.id), col(Refund.order_id), ()


def _lines_voided() -> tuple[Any, Any, Any, Sequence[Any]]:
    is_voided = col(Cancellation.voided_minor) > 0
    return (
        col(Cancellation.created_at),
        col(Cancellation.id),
        col(Cancellation.order_id),
        (is_voided,),
    )


def _returns_voided() -> tuple[Any, Any, Any, Sequence[Any]]:
    is_voided = col(Return.voided_minor) > 0
    return col(Return.received_at), col(Return.id), col(Return.order_id), (is_voided,)


def _claims_voided() -> tuple[Any, Any, Any, Sequence[Any]]:
    is_voided = col(Claim.voided_minor) > 0
    return col(Claim.settled_at), col(Claim.id), col(Claim.order_id), (is_voided,)


def _cancelled() -> tuple[Any, Any, Any, Sequence[Any]]:
    is_cancelled = col(OrderEvent.status) == OrderStatus.CANCELLING
    return col(OrderEvent.at), col(OrderEvent.id), col(OrderEvent.order_id), (is_cancelled,)


# Sources of a journal in the order in which it has them; gift cards come after them.
SOURCES: Final[tuple[Callable[[], tuple[Any, Any, Any, Sequence[Any]]], ...]] = (
    _placed,
    _captured_later,
    _captured_by_part,
    _refund_failed,
    _refund_repaid,
    _refunded,
    _lines_voided,
    _returns_voided,
    _cancelled,
    _claims_voided,
)


async def find_in_source(
    read: Read,
    source: int,
    options: ExportOptions,
    after: tuple[datetime, UUID] | None,
    *,
    limit: int,
) -> list[Found]:
    """Returns rows of a source in the time after a position, oldest first.

    Orders of synthetic shoppers are in none.
    """
    at, row_id, order_id, conditions = SOURCES[source]()
    query: Any = select(at, row_id, order_id).where(
        at >= options.since, at < options.until, *conditions
    )
    if source:
        query = query.join(Order, order_id == col(Order.id))
    query = query.where(
        col(Order.is_synthetic).is_(False), col(Order.placed_at).is_not(None), *_of(options)
    )
    if after is not None:
        query = query.where(tuple_(at, row_id) > tuple_(literal(after[0]), literal(after[1])))
    rows: list[Any] = await read.all(query.order_by(at, row_id).limit(limit))
    return [Found(*row) for row in rows]


async def find_card_entries(
    read: Read, options: ExportOptions, after: tuple[datetime, UUID] | None, *, limit: int
) -> list[GiftCardEntry]:
    """Returns entries of gift cards that no order books, in the time after a position."""
    query = (
        select(GiftCardEntry)
        .join(GiftCard, col(GiftCard.id) == col(GiftCardEntry.gift_card_id))
        .where(
            col(GiftCardEntry.at) >= options.since,
            col(GiftCardEntry.at) < options.until,
            one_of(
                GiftCardEntry.kind,
                [EntryKind.ISSUE.value, EntryKind.ADJUSTMENT.value, EntryKind.REVOCATION.value],
            ),
            or_(literal(options.channel) == "", col(GiftCard.channel) == options.channel),
            or_(literal(options.currency) == "", col(GiftCard.currency) == options.currency),
        )
    )
    if after is not None:
        place: Any = tuple_(literal(after[0]), literal(after[1]))
        query = query.where(tuple_(col(GiftCardEntry.at), col(GiftCardEntry.id)) > place)
    query = query.order_by(col(GiftCardEntry.at), col(GiftCardEntry.id)).limit(limit)
    return await read.all(query)


async def find_cards(read: Read, ids: Sequence[UUID]) -> dict[UUID, GiftCard]:
    """Returns gift cards by id."""
    found = await read.all(select(GiftCard).where(one_of(GiftCard.id, ids)))
    return {card.id: card for card in found}


def _of(options: ExportOptions) -> list[Any]:
    found: list[Any] = []
    if options.channel:
        found.append(col(Order.channel_id) == options.channel)
    if options.currency:
        found.append(col(Order.currency) == options.currency)
    return found
