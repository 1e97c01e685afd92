"""The public class of what is available: exact counts are not public."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

# A shopper is told "only a few left" from here down.
LOW_STOCK_AT_MOST: Final = 5


class Availability(StrEnum):
    IN_STOCK = "in_stock"
    LOW_STOCK = "low_stock"
    OUT_OF_STOCK = "out_of_stock"


def availability_of(available: int) -> Availability:
    """The class of an available quantity, in increments."""
    if available <= 0:
        return Availability.OUT_OF_STOCK
    return Availability.LOW_STOCK if available <= LOW_STOCK_AT_MOST else Availability.IN_STOCK


def best_of(classes: Iterable[Availability]) -> Availability:
    """The best class among variants; out of stock where there is none."""
    found = set(classes)
    return next((kind for kind in Availability if kind in found), Availability.OUT_OF_STOCK)
