"""The public class of what is available: exact counts are not public."""

from collections.abc import Iterable
from typing import Final

from chassis.line_item import Availability

# A shopper is told "only a few left" from here down.
LOW_STOCK_AT_MOST: Final = 5
# What is sold before it is there.
PROMISES: Final = frozenset({Availability.BACKORDER, Availability.PREORDER})


def availability_of(available: int) -> Availability:
    """Returns the class of an available quantity in steps."""
    if available <= 0:
        return Availability.OUT_OF_STOCK
    return Availability.LOW_STOCK if available <= LOW_STOCK_AT_MOST else Availability.IN_STOCK


def best_of(classes: Iterable[Availability]) -> Availability:
    """The best class among variants; out of stock where there is none."""
    found = set(classes)
    return next((kind for kind in Availability if kind in found), Availability.OUT_OF_STOCK)
