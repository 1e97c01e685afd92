"""Lines and charges of documents, from the lines of an order.

Prices with tax become net ones: the net amount of a line is its total without its own tax, and the
sums per rate are the order's. Nothing is rounded a second time.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from chassis.money import exponent
from checkout.documents.amounts.treatments import OrderTreatments
from checkout.documents.content import Adjustment, DocumentLine, Treatment
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import Order, OrderLine

# Digits after the point of a price beyond those of its currency.
_MORE_DIGITS: Final = 6
_ONE: Final = Decimal(1)


def line_part(
    order: Order, line: OrderLine, treatment: Treatment, start: int, end: int
) -> DocumentLine:
    """Returns the steps of a line from `start` to `end`.

    Parts that follow each other sum up to the line, to the minor unit.
    """

    def share(amount: int) -> int:
        def until(step: int) -> int:
            return (2 * amount * step + line.quantity) // (2 * line.quantity)

        return until(end) - until(start)

    tax, total, discount = (
        share(line.tax_minor),
        share(line.total_minor),
        share(line.discount_minor),
    )
    net = total - tax if is_tax_included(order) else total
    allowance = 0
    if discount:
        listed = Decimal(total - discount)
        if is_tax_included(order):
            listed /= 1 + treatment.rate / 100
        allowance = max(int(listed.quantize(_ONE, rounding=ROUND_HALF_UP)) - net, 0)
    quantity = Decimal(end - start).scaleb(-line.scale)
    digits = exponent(order.currency)
    price = (Decimal(net + allowance).scaleb(-digits) / quantity).quantize(
        _ONE.scaleb(-digits - _MORE_DIGITS), rounding=ROUND_HALF_UP
    )
    return DocumentLine(
        title=line.title,
        options=line.options,
        sku=line.sku,
        quantity=quantity,
        unit_code=line.unit_code,
        unit_price=_trimmed(price, digits),
        allowance_minor=allowance,
        net_minor=net,
        tax_minor=tax,
        treatment=treatment,
        order_line_id=line.id,
    )


def order_lines(
    order: Order, lines: Sequence[OrderLine], treatments: OrderTreatments
) -> tuple[DocumentLine, ...]:
    """Returns all lines of an order."""
    return tuple(
        line_part(order, line, treatment, 0, line.quantity)
        for line, treatment in zip(lines, treatments.of_lines, strict=True)
    )


def delivery_charges(
    order: Order, treatments: OrderTreatments, reason: str
) -> tuple[Adjustment, ...]:
    """Returns the price of delivery as charges, one a rate."""
    is_included = is_tax_included(order)
    return tuple(
        Adjustment(
            is_charge=True,
            reason=reason,
            net_minor=part.amount_minor - (part.tax_minor if is_included else 0),
            tax_minor=part.tax_minor,
            treatment=part.treatment,
        )
        for part in treatments.delivery
    )


def _trimmed(price: Decimal, digits: int) -> Decimal:
    """Returns a price without zeros at its end, but those of its currency."""
    usual = price.quantize(_ONE.scaleb(-digits))
    return usual if usual == price else price.normalize()
