"""The limit of agreed prices, by channel."""

from typing import Final

from sqlalchemy import CheckConstraint

from cart.carts.offers import Offer
from cart.errors import PriceOverrideNotAllowed
from chassis.data.rows import Field, Row, counter
from chassis.line_item import ItemKind
from chassis.money import Money

_WHOLE: Final = 10_000


class PriceOverrideSettings(Row, table=True):
    """The most that staff may take off a price in a channel, in basis points of it."""

    __tablename__ = "price_override_settings"
    __table_args__ = (CheckConstraint("most_basis_points BETWEEN 0 AND 10000"),)

    channel: str = Field(primary_key=True)
    most_basis_points: int
    version: int = counter(default=1)


def require_allowed(price: Money, offer: Offer, quantity: int, *, most_basis_points: int) -> None:
    """Raises PriceOverrideNotAllowed for a price of a unit beyond the limit.

    It is not above that of the catalogue. A gift card is worth its price, and has no other.
    """
    listed_minor = offer.unit_price_minor(quantity)
    # Rounded up: no more is taken off than the limit says.
    least_minor = -(-listed_minor * (_WHOLE - most_basis_points) // _WHOLE)
    is_within = least_minor <= price.amount_minor <= listed_minor
    if offer.kind is ItemKind.GIFT_CARD or price.currency != offer.currency or not is_within:
        raise PriceOverrideNotAllowed(
            path="unit_price",
            least_minor=least_minor,
            most_minor=listed_minor,
            currency=offer.currency,
        )
