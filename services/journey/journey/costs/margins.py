"""The margin of an order: what is left of its goods' money after taxes and their cost."""

from collections.abc import Mapping
from fractions import Fraction

from journey.costs.model import Cost
from sojourn.checkout.v1 import checkout_pb2
from sojourn.common.v1 import money_pb2

_OF_GOODS = frozenset(
    {
        money_pb2.TOTAL_TYPE_SUBTOTAL,
        money_pb2.TOTAL_TYPE_ITEMS_DISCOUNT,
        money_pb2.TOTAL_TYPE_DISCOUNT,
    }
)


def margin_of(order: checkout_pb2.Order, costs: Mapping[str, Cost]) -> int | None:
    """Returns an order's margin in minor units; None unless all its costs are known.

    Delivery and fees are left out: what they cost the merchant is not known.
    """
    cost = Fraction()
    for line in order.lines:
        known = costs.get(line.item.variant_id)
        if known is None or known.amount_minor is None or known.currency != order.currency:
            return None
        quantity = line.item.quantity
        cost += Fraction(quantity.steps * known.amount_minor, 10**quantity.scale)
    goods = sum(total.amount.amount_minor for total in order.totals if total.type in _OF_GOODS)
    if any(one.included for one in order.tax_lines):
        goods -= sum(line.tax.amount_minor for line in order.lines)
    return round(goods - cost) if order.lines else None
