"""Outcomes of the lines of an old order in a cart of today. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cart.carts.model import MOST_LINES, Cart, Line, NewLine
from cart.carts.offers import MOST_QUANTITY, Offer, Offers
from cart.errors import OrderLineNotFound
from chassis.line_item import ItemKind, LineItem
from chassis.money import MOST_MINOR


class ReorderOutcome(StrEnum):
    """Outcomes of a line of an order that is ordered again."""

    ADDED = "added"
    FEWER_ADDED = "fewer_added"
    OUT_OF_STOCK = "out_of_stock"
    NOT_SOLD = "not_sold"
    NOT_NAMED = "not_named"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """A line of an order, as it was sold then."""

    id: UUID
    item: LineItem


@dataclass(frozen=True, slots=True)
class OrderedLines:
    """The lines of an order, with its channel, currency and language."""

    channel: str
    currency: str
    locale: str
    lines: tuple[OrderedLine, ...]

    def wanted(self, line_ids: Collection[UUID]) -> tuple[OrderedLine, ...]:
        """Returns the lines to look up: those that are named, else all that is sent.

        Raises OrderLineNotFound for a name that no line has.
        """
        known = {line.id for line in self.lines}
        for line_id in line_ids:
            if line_id not in known:
                raise OrderLineNotFound(line_id=line_id)
        return tuple(
            line
            for line in self.lines
            if (line.id in line_ids if line_ids else line.item.kind is ItemKind.PHYSICAL)
        )


@dataclass(frozen=True, slots=True)
class ReorderedLine:
    """An order's line with its outcome.

    `added` is in steps. `offer` is today's, None where it is not sold or was not looked at. `line`
    is the cart's that it went to.
    """

    ordered: OrderedLine
    outcome: ReorderOutcome
    added: int = 0
    offer: Offer | None = None
    line: Line | None = None

    @property
    def unit_price_minor(self) -> int | None:
        """Today's price of one unit, of as many as the cart holds now or the order had."""
        if self.offer is None:
            return None
        steps = self.line.quantity if self.line else self.ordered.item.quantity.steps
        return self.offer.unit_price_minor(steps)

    @property
    def has_new_price(self) -> bool:
        """Whether a unit costs another amount than in the order, or is in another currency."""
        then, now = self.ordered.item.unit_price, self.unit_price_minor
        if now is None or self.offer is None:
            return False
        return (then.amount_minor, then.currency) != (now, self.offer.currency)


def add_ordered_lines(
    cart: Cart, order: OrderedLines, line_ids: Collection[UUID], offers: Offers
) -> list[ReorderedLine]:
    """Adds lines of an order to a cart, as much of each as there is; returns what became of all.

    Lines that were not named, and not asked for by default, are in the report alone; where some
    are named, only these are. Raises LoginRequired, OrderLineNotFound.
    """
    offers.require_buyer()
    wanted = {line.id for line in order.wanted(line_ids)}
    told = [line for line in order.lines if not line_ids or line.id in wanted]
    return [
        _add(cart, line, offers)
        if line.id in wanted
        else ReorderedLine(line, ReorderOutcome.NOT_NAMED)
        for line in told
    ]


def lines_of(reordered: Sequence[ReorderedLine]) -> list[Line]:
    """Returns the lines of the cart to which something was added, each once."""
    return list({each.line.id: each.line for each in reordered if each.line}.values())


def _add(cart: Cart, ordered: OrderedLine, offers: Offers) -> ReorderedLine:
    offer = offers.by_variant.get(ordered.item.variant_id)
    if offer is None or not _is_measured_alike(offer, ordered.item):
        return ReorderedLine(ordered, ReorderOutcome.NOT_SOLD)
    there = cart.find_line(offer.variant_id)
    held, asked = there.quantity if there else 0, ordered.item.quantity.steps
    can_have = MOST_QUANTITY if offer.available is None else min(offer.available, MOST_QUANTITY)
    steps = min(asked, can_have - held)
    # The increment may be another one than when it was ordered.
    steps -= (held + max(steps, 0)) % offer.increment
    if steps < 1:
        return ReorderedLine(ordered, ReorderOutcome.OUT_OF_STOCK, offer=offer)
    if not _has_room(cart, there, offer, steps, offers):
        return ReorderedLine(ordered, ReorderOutcome.NO_ROOM, offer=offer)
    line = cart.add(NewLine(offer.variant_id, steps), offers)
    outcome = ReorderOutcome.ADDED if steps == asked else ReorderOutcome.FEWER_ADDED
    return ReorderedLine(ordered, outcome, steps, offer, line)


def _is_measured_alike(offer: Offer, item: LineItem) -> bool:
    """Returns whether a step of the offer is as much as one of the ordered quantity."""
    quantity = item.quantity
    return (offer.scale, offer.unit_code) == (quantity.scale, quantity.unit_code)


def _has_room(cart: Cart, there: Line | None, offer: Offer, steps: int, offers: Offers) -> bool:
    if there is None:
        added_minor = offer.subtotal_minor(steps)
        is_full = len(cart.lines) >= MOST_LINES
    else:
        whole_minor = offer.subtotal_minor(there.quantity + steps)
        added_minor = whole_minor - there.agreed(offers.current(there.seen)).subtotal_minor(
            there.quantity
        )
        is_full = False
    return not is_full and cart.subtotal_minor(offers) + added_minor <= MOST_MINOR
