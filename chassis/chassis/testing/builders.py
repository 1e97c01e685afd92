"""Builders of the values that all services' contracts share, with defaults.

A service's own messages are built in its `testing`.
"""

from typing import Any
from uuid import UUID

from chassis.line_item import LineItem
from chassis.money import Money as Amount
from chassis.quantity import PIECE, Quantity
from chassis.runtime.clock import uuid7
from sojourn.common.v1.address_pb2 import Address
from sojourn.common.v1.money_pb2 import Money


def eur(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="EUR")


def an_email(domain: str = "example.com") -> str:
    """A new e-mail address."""
    return f"ana-{uuid7().hex}@{domain}"


def an_address(**changes: str) -> Address:
    """A postal address in Berlin, valid in every service."""
    defaults = {
        "first_name": "Ana",
        "last_name": "Roth",
        "street_address": "Unter den Linden 1",
        "address_locality": "Berlin",
        "postal_code": "10117",
        "address_country": "DE",
    }
    return Address(**{**defaults, **changes})


def an_item(
    variant_id: UUID | str = "",
    *,
    quantity: int = 1,
    price_minor: int = 10_00,
    discount_minor: int = 0,
    scale: int = 0,
    increment: int = 1,
    unit_code: str = PIECE,
    currency: str = "EUR",
    **fields: Any,
) -> LineItem:
    """A quantity of a variant, by default one piece for 10 EUR.

    `discount_minor` is negative or 0.
    """
    amount, price = Quantity(quantity, scale, increment, unit_code), Amount(price_minor, currency)
    defaults = {
        "variant_id": UUID(str(variant_id)) if variant_id else uuid7(),
        "product_id": str(uuid7()),
        "sku": "TEE-M",
        "title": "Tee",
        "options": "",
        "product_slug": "tee",
        "image_url": "",
        "quantity": amount,
        "unit_price": price,
        "subtotal": amount.times(price),
        "discount": Amount(discount_minor, currency),
        "tax_class": "standard",
        "mass_grams": 0,
    }
    return LineItem(**{**defaults, **fields})
