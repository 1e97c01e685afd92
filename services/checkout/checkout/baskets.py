"""A cart as checkout sees it: priced now, with what tax and delivery need."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.money import require_bounded
from chassis.quantity import Quantity
from checkout.delivery import MOST_WEIGHT_GRAMS
from checkout.errors import CartEmpty, CartNotOpen

# An abandoned cart is still open to its owner.
_OPEN: Final = ("open", "abandoned")


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the buyer should know. `path` is a JSONPath; `severity` is empty unless the type is error."""

    type: str
    code: str
    path: str
    content: str
    severity: str = ""


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line, priced now. Amounts are minor units; `discount_minor` is negative or zero; the weight is one unit's."""

    id: str
    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    quantity: Quantity
    unit_price_minor: int
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    availability: str
    tax_class: str
    weight_grams: int

    @property
    def mass_grams(self) -> int:
        """The mass of the whole quantity."""
        return self.quantity.mass(self.weight_grams)


@dataclass(frozen=True, slots=True)
class Basket:
    """The cart's answer. `email` is what the shopper left with the cart, or empty."""

    cart_id: UUID
    version: int
    status: str
    owner_id: UUID
    currency: str
    channel_id: str
    locale: str
    email: str
    is_tax_included: bool
    lines: tuple[BasketLine, ...]
    promotion_codes: tuple[str, ...]
    notices: tuple[Notice, ...]
    is_synthetic: bool = False

    @property
    def weight_grams(self) -> int:
        """The mass of all lines, MOST_WEIGHT_GRAMS at most: nothing that is heavier is delivered anyway."""
        return min(sum(line.mass_grams for line in self.lines), MOST_WEIGHT_GRAMS)

    @property
    def goods_minor(self) -> int:
        """Cost of the goods after discounts. Raises AmountTooLarge."""
        return require_bounded(sum(line.total_minor for line in self.lines), path="line_items")

    def require_orderable(self) -> None:
        """Raises CartNotOpen or CartEmpty."""
        if self.status not in _OPEN:
            raise CartNotOpen(status=self.status)
        if not self.lines:
            raise CartEmpty
