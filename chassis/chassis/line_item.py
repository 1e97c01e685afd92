"""A quantity of a variant at a price: the part that all lines of carts and orders share."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.money import Money
from chassis.quantity import Quantity


class Availability(StrEnum):
    """Public class of available stock; exact counts are not public."""

    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    BACKORDER = "backorder"
    PREORDER = "preorder"
    OUT_OF_STOCK = "out_of_stock"


class ItemKind(StrEnum):
    """Kinds of what is sold. Only physical items need a delivery."""

    PHYSICAL = "physical"
    DIGITAL = "digital"
    GIFT_CARD = "gift_card"


@dataclass(frozen=True, slots=True)
class LineItem:
    """Amounts are of one currency; `discount` is negative or zero.

    `options` are "name: value", joined by ", ". `promise` is set where some of it was not there
    when it was priced or ordered, and `expected_at` where the date of its arrival is known.
    `gift_card_value` is what each gift card is worth where that is not its price. Mass and volume
    are of the quantity, 0 where they are not known.
    """

    variant_id: UUID
    product_id: str
    sku: str
    title: str
    options: str
    product_slug: str
    image_url: str
    quantity: Quantity
    unit_price: Money
    subtotal: Money
    discount: Money
    tax_class: str
    mass_grams: int
    promise: Availability | None = None
    expected_at: datetime | None = None
    kind: ItemKind = ItemKind.PHYSICAL
    gift_card_value: Money | None = None
    volume_cm3: int = 0

    @property
    def needs_delivery(self) -> bool:
        """Whether it is sent or picked up."""
        return self.kind is ItemKind.PHYSICAL

    @property
    def total(self) -> Money:
        """Subtotal and discount."""
        return self.subtotal + self.discount

    def part(self, start: int, end: int) -> "LineItem":
        """Returns the part of the item from step `start` to step `end`, with its amounts and mass.

        Parts that follow each other sum up to the whole, to the minor unit, gram and cm³. The
        subtotal of a part is what its total and its discount make: each rounded by itself, a part
        that is all discounted could cost less than nothing.
        """
        whole = self.quantity.steps

        def share(amount: int) -> int:
            return (2 * amount * end + whole) // (2 * whole) - (2 * amount * start + whole) // (
                2 * whole
            )

        total, discount = share(self.total.amount_minor), share(self.discount.amount_minor)
        return replace(
            self,
            quantity=replace(self.quantity, steps=end - start),
            subtotal=Money(total - discount, self.subtotal.currency),
            discount=Money(discount, self.discount.currency),
            mass_grams=share(self.mass_grams),
            volume_cm3=share(self.volume_cm3),
        )
