"""The cart of a checkout: its lines priced now, with the facts that tax and delivery need."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.line_item import Availability, ItemKind, LineItem
from chassis.money import require_bounded
from chassis.notices import Notice
from checkout.delivery.options import Arrival
from checkout.delivery.table import MOST_VOLUME_CM3, MOST_WEIGHT_GRAMS
from checkout.errors.checkouts import CartEmpty, CartNotOpen


class CartStatus(StrEnum):
    """States of a cart in the service cart."""

    OPEN = "open"
    ORDERED = "ordered"
    MERGED = "merged"
    ABANDONED = "abandoned"


# An abandoned cart is still its owner's to order.
_OPEN: Final = frozenset({CartStatus.OPEN, CartStatus.ABANDONED})


@dataclass(frozen=True, slots=True)
class CartLine:
    """A line of a cart, priced now."""

    id: str
    item: LineItem
    availability: Availability


@dataclass(frozen=True, slots=True)
class CartForOrder:
    """The service cart's answer to GetCartForOrder.

    `email` is the address saved with the cart, or empty.
    """

    cart_id: UUID
    version: int
    status: CartStatus
    owner_id: UUID
    currency: str
    channel_id: str
    locale: str
    email: str
    is_tax_included: bool
    lines: tuple[CartLine, ...]
    promotion_codes: tuple[str, ...]
    notices: tuple[Notice, ...]
    is_synthetic: bool = False

    @property
    def needs_delivery(self) -> bool:
        """Whether anything in it is sent or picked up."""
        return bool(self._delivered)

    @property
    def _delivered(self) -> list[LineItem]:
        return [line.item for line in self.lines if line.item.needs_delivery]

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The goods to deliver by the day on which they are there, the unknown last.

        Empty where all are there.
        """
        groups: dict[tuple[int, date], list[tuple[int, datetime | None]]] = {}
        for position, line in enumerate(self.lines):
            item = line.item
            if item.needs_delivery:
                at = item.expected_at if item.promise else None
                rank = 0 if not item.promise else 1 if at else 2
                key = rank, at.date() if at else date.min
                groups.setdefault(key, []).append((position, at))
        if all(rank == 0 for rank, _ in groups):
            return ()
        return tuple(
            Arrival(
                tuple(position for position, _ in group),
                max((at for _, at in group if at), default=None),
                is_known=rank < 2,
            )
            for (rank, _), group in sorted(groups.items())
        )

    @property
    def weight_grams(self) -> int:
        """The mass of the parcel, at most MOST_WEIGHT_GRAMS: no option delivers heavier goods."""
        return min(sum(item.mass_grams for item in self._delivered), MOST_WEIGHT_GRAMS)

    @property
    def volume_cm3(self) -> int:
        """The packed volume of the parcel, at most MOST_VOLUME_CM3."""
        return min(sum(item.volume_cm3 for item in self._delivered), MOST_VOLUME_CM3)

    @property
    def pieces(self) -> int:
        """The count of pieces to deliver; goods sold by a measure count as one a line."""
        return sum(item.quantity.pieces for item in self._delivered)

    @property
    def goods_minor(self) -> int:
        """The price of the goods after discounts. Raises AmountTooLarge."""
        return require_bounded(
            sum(line.item.total.amount_minor for line in self.lines), path="lines"
        )

    @property
    def gift_cards_minor(self) -> int:
        """The price of the gift cards in it after discounts."""
        return sum(
            line.item.total.amount_minor
            for line in self.lines
            if line.item.kind is ItemKind.GIFT_CARD
        )

    @property
    def is_of_gift_cards(self) -> bool:
        """Whether there is nothing else in it."""
        return all(line.item.kind is ItemKind.GIFT_CARD for line in self.lines)

    def require_orderable(self) -> None:
        """Raises CartNotOpen or CartEmpty."""
        if self.status not in _OPEN:
            raise CartNotOpen(status=self.status)
        if not self.lines:
            raise CartEmpty
