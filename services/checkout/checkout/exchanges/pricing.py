"""Prices of replacements, and the value of the goods that they replace."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.line_item import LineItem
from chassis.money import Money
from checkout.checkouts.totals import Totals, price_order
from checkout.errors.after_sale import ExchangeCostsMore
from checkout.exchanges.model import ExchangePrice, ExchangePricing, ExchangeTerms
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import Order, OrderLine
from checkout.taxes.calculation import TaxRule
from checkout.taxes.model import Place
from checkout.taxes.relief import TaxBuyer
from checkout.taxes.table import taxing_place


def value_of_steps(line: OrderLine, steps: int, *, is_included: bool) -> int:
    """Returns what was paid for any `steps` of a line at least, in minor units.

    Which steps come back is not known before: parts of a line differ by a minor unit.
    """
    paid = line.total_minor * steps // line.quantity
    return paid if is_included else paid + line.tax_minor * steps // line.quantity


def price_replacement(
    order: Order,
    items: Sequence[tuple[LineItem, int]],
    wanted: ExchangePrice,
    terms: ExchangeTerms,
    now: datetime,
) -> tuple[list[LineItem], Totals]:
    """Returns the items of a replacement and its totals; each item comes with what it replaces.

    At kept prices it costs as much as what it replaces, or less by what taxes are rounded. Raises
    ExchangeCostsMore, TaxRateNotSet, AmountTooLarge.
    """
    rule, value = _tax_rule(order, terms, now), wanted.value_minor
    if wanted.pricing is ExchangePricing.CURRENT:
        found = [item for item, _ in items]
        totals = _totals(order, found, rule, terms)
        if totals.total_minor > value and not wanted.may_cost_more:
            raise ExchangeCostsMore(
                difference_minor=totals.total_minor - value, currency=order.currency
            )
        return found, totals
    found = [_costing(item, worth) for item, worth in items]
    totals = _totals(order, found, rule, terms)
    while totals.total_minor > value:
        # The tax comes on top of prices without it, and a part was refunded before.
        found = _lowered(found, totals.total_minor - value)
        totals = _totals(order, found, rule, terms)
    return found, totals


def price_goods(
    order: Order, items: Sequence[LineItem], terms: ExchangeTerms, now: datetime
) -> Totals:
    """Returns the totals of goods at their own prices, for the buyer and the place of an order.

    Raises TaxRateNotSet, AmountTooLarge.
    """
    return _totals(order, items, _tax_rule(order, terms, now), terms)


def _costing(item: LineItem, total_minor: int) -> LineItem:
    """Returns an item at a total price; a lower one than its own is a discount."""
    currency = item.subtotal.currency
    subtotal = max(item.subtotal.amount_minor, total_minor)
    return replace(
        item,
        subtotal=Money(subtotal, currency),
        discount=Money(total_minor - subtotal, currency),
    )


def _lowered(items: Sequence[LineItem], by_minor: int) -> list[LineItem]:
    """Returns items that cost less together; none costs less than nothing."""
    left, found = by_minor, list[LineItem]()
    for item in items:
        part = min(left, item.total.amount_minor)
        left -= part
        found.append(_costing(item, item.total.amount_minor - part))
    return found


def _totals(order: Order, items: Sequence[LineItem], rule: TaxRule, terms: ExchangeTerms) -> Totals:
    return price_order(
        items,
        fulfillment_minor=0,
        currency=order.currency,
        rule=rule,
        calculate=terms.tables.calculate,
    )


def place_of(address: Mapping[str, str]) -> Place:
    """Returns the place in which goods are taxed that go to an address."""
    return Place(address["address_country"], address["address_region"], address["postal_code"])


def _tax_rule(order: Order, terms: ExchangeTerms, now: datetime) -> TaxRule:
    store = order.pickup.store if order.pickup else None
    place = store.place if store else place_of(order.delivery_address)
    return tax_rule_at(order, place, terms, now)


def tax_rule_at(order: Order, place: Place, terms: ExchangeTerms, now: datetime) -> TaxRule:
    """Returns the rule of a place for the buyer of an order, with the rates of today.

    An order that was taxed under the import scheme stays in it.
    """
    taxes, origin = terms.tables.taxes, terms.channel.origin_country
    settings = taxes.settings_of(order.channel_id)
    exemption = terms.tables.exemptions.find(
        order.owner_id,
        order.organization_id,
        place=taxing_place(place, origin, settings) or place,
        day=now.date(),
        locale=order.locale,
    )
    return TaxRule(
        place,
        now.date(),
        is_included=is_tax_included(order),
        table=taxes,
        settings=settings,
        origin=origin,
        locale=order.locale,
        buyer=TaxBuyer(order.taxation.vat_id if order.taxation else None, exemption),
        is_ioss=bool(order.taxation and order.taxation.ioss_number),
    )
