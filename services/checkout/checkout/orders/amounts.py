"""Money that was paid for parts of an order: goods with their discounts and taxes, delivery.

Parts of a line that follow each other sum up to the line, to the minor unit. Shipments and returns
take the steps of a line from the first on, cancellations from the last back, so that all together
are the whole line however they are cut.
"""

from collections.abc import Iterable, Sequence

from checkout.after_sale.model import DeliveryRefund
from checkout.orders.model import Order, OrderLine


def is_tax_included(order: Order) -> bool:
    """Returns whether the prices of an order include its taxes; so does one without any."""
    return all(line.is_included for line in order.tax_lines)


def paid_for_steps(line: OrderLine, start: int, end: int, *, is_included: bool) -> int:
    """Returns what was paid for the steps of a line from `start` to `end`, in minor units.

    Discounts are in it, and the tax whether it was in the price (`is_included`) or beside it.
    """
    paid = _share(line.total_minor, line.quantity, start, end)
    return paid if is_included else paid + _share(line.tax_minor, line.quantity, start, end)


def paid_for_gone(order: Order, lines: Iterable[OrderLine]) -> int:
    """Returns what was paid for all steps of an order that were returned or cancelled."""
    is_included = is_tax_included(order)
    return sum(
        paid_for_steps(line, start, end, is_included=is_included)
        for line in lines
        for start, end in (
            (0, line.returned_quantity),
            (line.quantity - line.cancelled_quantity, line.quantity),
        )
    )


def delivery_to_give_back(
    order: Order, lines: Sequence[OrderLine], rule: DeliveryRefund, *, given_minor: int
) -> int:
    """Returns the price of delivery, its tax in it, that goes back with the steps that are gone.

    `given_minor` went back before.
    """
    is_included = is_tax_included(order)
    goods = sum(paid_for_steps(line, 0, line.quantity, is_included=is_included) for line in lines)
    delivery = max(order.total_minor - goods, 0)
    is_whole = all(
        line.cancelled_quantity + line.returned_quantity == line.quantity for line in lines
    )
    match rule:
        case DeliveryRefund.NEVER:
            return 0
        case DeliveryRefund.WHOLE_ORDER:
            due = delivery if is_whole else 0
        case DeliveryRefund.SHARE:
            gone = paid_for_gone(order, lines)
            due = delivery * gone // goods if goods and not is_whole else delivery * is_whole
    return max(due - given_minor, 0)


def _share(amount_minor: int, whole: int, start: int, end: int) -> int:
    """Returns the part of an amount as `LineItem.part` does."""

    def until(step: int) -> int:
        return (2 * amount_minor * step + whole) // (2 * whole)

    return until(end) - until(start)
