"""Lines that go from one cart to another."""

from collections.abc import Callable
from dataclasses import replace

from cart.carts import MOST_LINES, Cart, Line
from cart.offers import MOST_QUANTITY, Offers
from chassis.runtime.clock import uuid7


def bring(lines: list[Line], target: Cart, offers: Offers, together: Callable[[int, int], int]) -> bool:
    """Gives copies of lines to a cart, up to 100 lines; where both have a variant, `together` says how much of it. Stock is not looked at:
    the cart's messages tell. A line last priced in another currency comes only where it is offered in the cart's.

    Returns whether the cart is another now.
    """
    is_changed = False
    for line in lines:
        mine = target.line_of(line.variant_id)
        if mine is not None:
            quantity = min(together(mine.quantity, line.quantity), MOST_QUANTITY)
            is_changed |= quantity != mine.quantity
            mine.quantity = quantity
            continue
        seen = line.seen if line.seen.currency == target.currency else offers.by_variant.get(line.variant_id)
        if seen is not None and len(target.lines) < MOST_LINES:
            target.lines.append(Line(uuid7(), line.variant_id, line.quantity, replace(seen, available=None)))
            is_changed = True
    return is_changed
