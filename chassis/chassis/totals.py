"""Kinds of totals of carts and orders."""

from enum import StrEnum


class TotalType(StrEnum):
    """Kinds of totals, in the vocabulary of the Universal Commerce Protocol."""

    SUBTOTAL = "subtotal"
    ITEMS_DISCOUNT = "items_discount"
    DISCOUNT = "discount"
    FULFILLMENT = "fulfillment"
    TAX = "tax"
    FEE = "fee"
    TOTAL = "total"
