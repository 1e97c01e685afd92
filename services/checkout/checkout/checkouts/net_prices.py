"""Net prices of an order whose buyer is relieved of the tax that the prices include."""

from dataclasses import replace

from chassis.line_item import LineItem
from chassis.money import Money
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.totals import taxes_of
from checkout.delivery.options import DeliveryOption
from checkout.taxes.calculation import Calculator, TaxRule


def take_out_tax(
    cart: CartForOrder, option: DeliveryOption | None, rule: TaxRule, calculate: Calculator
) -> tuple[CartForOrder, DeliveryOption | None, TaxRule]:
    """Returns the cart, its delivery and their rule at net prices, if the relief lowers them.

    The tax that any other buyer would pay is taken out of each line and of the delivery. Without
    a relief, and where prices do not include tax, all stays as it is.
    """
    relief = rule.relief
    if relief is None or relief.priced_at is None or not rule.is_included:
        return cart, option, rule
    taxes = taxes_of(
        [line.item for line in cart.lines],
        fulfillment_minor=option.price_minor if option else 0,
        currency=cart.currency,
        rule=rule.of_any_buyer(relief.priced_at),
        calculate=calculate,
    )
    lines = tuple(
        replace(line, item=_net(line.item, tax))
        for line, tax in zip(cart.lines, taxes.of_lines_minor, strict=True)
    )
    if option is not None:
        option = replace(option, price_minor=option.price_minor - taxes.of_delivery_minor)
    return replace(cart, lines=lines), option, replace(rule, is_included=False)


def _net(item: LineItem, tax_minor: int) -> LineItem:
    """Returns an item without the tax in its total.

    Discount and unit price fall as the total does, so that subtotal and discount sum up to it.
    """
    gross = item.total.amount_minor
    if not gross or not tax_minor:
        return item
    net = gross - tax_minor

    def share(amount: Money) -> Money:
        return Money((2 * amount.amount_minor * net + gross) // (2 * gross), amount.currency)

    discount = share(item.discount)
    return replace(
        item,
        unit_price=share(item.unit_price),
        discount=discount,
        subtotal=Money(net - discount.amount_minor, item.subtotal.currency),
    )
