"""Exports part by part: each part is a page of rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from chassis.data.tx import Read
from chassis.rpc.errors import InvalidPageToken
from checkout.captures.queries import find_captures
from checkout.claims.queries import find_claims
from checkout.desk.queries import find_tags
from checkout.order_exports import csv_rows
from checkout.order_exports.journal import Entry, OrderBooks, gift_card_entries
from checkout.order_exports.model import ExportKind, ExportOptions, JournalAccounts
from checkout.order_exports.queries import (
    SOURCES,
    find_card_entries,
    find_cards,
    find_in_source,
    find_placed_orders,
    get_journal_accounts,
)
from checkout.orders.queries import find_orders, load_views
from checkout.returns.queries import find_returns

_MOST_ROWS: Final = 200
_GIFT_CARDS: Final = len(SOURCES)
# By source: the kind of entry of a refund that failed after it was told.
_FAILED_REFUNDS: Final = {3: "refund_failure", 4: "refund"}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an export after which its next part begins."""

    source: int
    after: tuple[datetime, UUID] | None

    @property
    def position(self) -> list[Any]:
        """Returns it as values of JSON."""
        at, row_id = self.after or (None, None)
        return [self.source, at.isoformat() if at else "", str(row_id or "")]

    @classmethod
    def of_position(cls, position: Sequence[Any] | None) -> "Place":
        """Raises InvalidPageToken."""
        if position is None:
            return cls(0, None)
        try:
            source, at, row_id = int(position[0]), str(position[1]), str(position[2])
            after = (datetime.fromisoformat(at), UUID(row_id)) if at else None
        except ValueError:
            raise InvalidPageToken from None
        if not 0 <= source <= _GIFT_CARDS or (after and after[0].tzinfo is None):
            raise InvalidPageToken
        return cls(source, after)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file, and the place of the next one; None at the end."""

    content: bytes
    next: Place | None


async def export_part(
    read: Read, options: ExportOptions, place: Place, *, is_first: bool, most: int = _MOST_ROWS
) -> Part:
    """Returns the part of an export after a place; the first one begins with the header.

    Raises InvalidOrderSearch.
    """
    options.require_valid()
    if options.kind is ExportKind.JOURNAL:
        entries, following = await journal_page(read, options, place, most=most)
        rows = [row for entry in entries for row in csv_rows.entry_rows(entry)]
        header: Sequence[str] = csv_rows.JOURNAL_COLUMNS
    else:
        rows, following = await _order_rows(read, options, place, most=most)
        is_orders = options.kind is ExportKind.ORDERS
        header = csv_rows.ORDER_COLUMNS if is_orders else csv_rows.LINE_COLUMNS
    return Part(csv_rows.csv_of([*([header] if is_first else []), *rows]), following)


async def journal_page(
    read: Read, options: ExportOptions, place: Place, *, most: int = _MOST_ROWS
) -> tuple[list[Entry], Place | None]:
    """Returns journal entries after a place, and where the next page begins."""
    if place.source == _GIFT_CARDS:
        return await _card_page(read, options, place, most=most)
    found = await find_in_source(read, place.source, options, place.after, limit=most)
    books = await _load_books(read, sorted({each.order_id for each in found}))
    wanted, entries = {each.id for each in found}, list[Entry]()
    for order_id in dict.fromkeys(each.order_id for each in found):
        if order_id in books:
            entries += (
                each for each in _of_source(books[order_id], place.source, wanted)
                if options.since <= each.at < options.until
            )  # fmt: skip
    if len(found) < most:
        return entries, Place(place.source + 1, None)
    return entries, Place(place.source, (found[-1].at, found[-1].id))


def _of_source(books: OrderBooks, source: int, wanted: set[UUID]) -> Iterator[Entry]:
    """Yields the entries that rows of a source are."""
    if source == 0:
        yield from books.sale()
        yield from books.captures(later=False)
        return
    candidates = (
        books.captures(later=True)
        if source == 1
        else books.captured_parts()
        if source == 2
        else _entries_of(books, _FAILED_REFUNDS[source])
        if source in _FAILED_REFUNDS
        else books.reversals()
    )
    yield from (each for each in candidates if each.subject_id in wanted)


def _entries_of(books: OrderBooks, kind: str) -> list[Entry]:
    return [each for each in books.failed_refunds() if each.kind == kind]


async def _card_page(
    read: Read, options: ExportOptions, place: Place, *, most: int
) -> tuple[list[Entry], Place | None]:
    found = await find_card_entries(read, options, place.after, limit=most)
    cards = await find_cards(read, [each.gift_card_id for each in found])
    accounts = await _load_accounts(read, {card.channel for card in cards.values()})
    orders = await find_orders(read, [card.order_id for card in cards.values() if card.order_id])
    entries = list[Entry]()
    for each in found:
        card = cards[each.gift_card_id]
        order = orders.get(card.order_id) if card.order_id else None
        number = (order.number or "") if order else ""
        entries += gift_card_entries(card, each, accounts[card.channel], number)
    is_full = len(found) == most
    return entries, Place(_GIFT_CARDS, (found[-1].at, found[-1].id)) if is_full else None


async def _order_rows(
    read: Read, options: ExportOptions, place: Place, *, most: int
) -> tuple[list[list[str]], Place | None]:
    orders = await find_placed_orders(read, options, place.after, limit=most)
    tags = await find_tags(read, [order.id for order in orders]) if orders else {}
    rows = list[list[str]]()
    for view in await load_views(read, orders):
        if options.kind is ExportKind.ORDERS:
            rows.append(csv_rows.order_row(view, tags[view.order.id]))
        else:
            rows += csv_rows.line_rows(view)
    last = orders[-1] if len(orders) == most else None
    return rows, Place(0, (last.placed_at, last.id)) if last and last.placed_at else None


async def _load_books(read: Read, order_ids: Sequence[UUID]) -> dict[UUID, OrderBooks]:
    orders = await find_orders(read, order_ids) if order_ids else {}
    views = await load_views(read, list(orders.values()))
    accounts = await _load_accounts(read, {order.channel_id for order in orders.values()})
    returns = await find_returns(read, list(orders)) if orders else []
    parts = await find_captures(read, list(orders)) if orders else []
    claims = await find_claims(read, list(orders)) if orders else []
    return {
        view.order.id: OrderBooks(
            view,
            accounts[view.order.channel_id],
            [each for each in returns if each.order_id == view.order.id],
            [each for each in parts if each.order_id == view.order.id],
            [each for each in claims if each.order_id == view.order.id],
        )
        for view in views
    }


async def _load_accounts(read: Read, channels: set[str]) -> dict[str, JournalAccounts]:
    return {channel: await get_journal_accounts(read, channel) for channel in sorted(channels)}
