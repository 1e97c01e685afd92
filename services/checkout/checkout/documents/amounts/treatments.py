"""Treatments of the parts of an order: the tax lines that are on each of them.

An order keeps its taxes by rate and by line, and not which rate is on which line. All lines of a
tax class have the same taxes: the rates of a class are those that explain the taxes of its lines
best. Amounts are never computed anew: they stay those of the order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Final

from chassis.line_item import ItemKind
from chassis.locales import localized
from chassis.money import Money, allocate
from chassis.totals import TotalType
from checkout.documents.content import Treatment
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import Order, OrderLine
from checkout.taxes.calculation import TaxLine
from checkout.taxes.categories import TaxCategory, relief_of
from checkout.taxes.table import EXEMPT, UNTAXED

_HUNDRED: Final = Decimal(100)
# Above this, all subsets are too many: each rate alone, and all together.
_FEW_RATES: Final = 6
_CHARGES: Final = (TotalType.FULFILLMENT, TotalType.FEE)
_VOUCHER: Final = {
    "en": "Multi-purpose voucher: taxed when it is redeemed (Article 30b(2) of Directive "
    "2006/112/EC).",
    "de": "Mehrzweckgutschein: Die Steuer entsteht bei der Einlösung (Artikel 30b Absatz 2 der "
    "Richtlinie 2006/112/EG).",
}


@dataclass(frozen=True, slots=True)
class DeliveryPart:
    """A part of the delivery's price with its treatment. `amount_minor` is as priced."""

    treatment: Treatment
    amount_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class OrderTreatments:
    """The treatments of the lines of an order, in their order, and of its delivery."""

    of_lines: tuple[Treatment, ...]
    delivery: tuple[DeliveryPart, ...]


def treat_order(order: Order, lines: Sequence[OrderLine]) -> OrderTreatments:
    """Returns how the parts of an order are taxed."""
    of_classes = _treat_classes(order, lines)
    found = [
        _voucher(order.locale)
        if line.kind is ItemKind.GIFT_CARD
        else of_classes.get(line.tax_class) or _untaxed(order, line)
        for line in lines
    ]
    parts = list(_delivery_parts(order, lines, found))
    in_scope = [*found, *(part.treatment for part in parts)]
    if any(each.category != TaxCategory.OUT_OF_SCOPE for each in in_scope):
        # EN 16931, BR-O-11: an invoice with O has nothing else. E is the next that is true.
        found = [_in_scope(each) for each in found]
        parts = [
            DeliveryPart(_in_scope(part.treatment), part.amount_minor, part.tax_minor)
            for part in parts
        ]
    return OrderTreatments(tuple(found), tuple(parts))


def delivery_minor(order: Order) -> int:
    """Returns the price of the delivery and the fee of the payment, which is taxed with it."""
    return sum(each.amount_minor for each in order.totals if each.type in _CHARGES)


def charge_names(order: Order, delivery: str) -> str:
    """Returns what the buyer pays beside the goods: the delivery by a name, and the fee by its."""
    names = [
        delivery if each.type is TotalType.FULFILLMENT else each.label
        for each in order.totals
        if each.type in _CHARGES and each.amount_minor
    ]
    return ", ".join(names) or delivery


def _voucher(locale: str) -> Treatment:
    reason = localized(_VOUCHER, locale)
    return Treatment(TaxCategory.OUT_OF_SCOPE, Decimal(0), "VATEX-EU-O", reason)


def _in_scope(treatment: Treatment) -> Treatment:
    if treatment.category != TaxCategory.OUT_OF_SCOPE:
        return treatment
    return Treatment(TaxCategory.EXEMPT, Decimal(0), "", treatment.reason)


def _rates(order: Order) -> list[TaxLine]:
    return [line for line in order.tax_lines if line.rate]


def _treat_classes(order: Order, lines: Sequence[OrderLine]) -> dict[str, Treatment]:
    """Returns the standard treatments by tax class; classes without a tax are not in it."""
    rates = sorted({line.rate for line in _rates(order)}, reverse=True)
    if not rates:
        return {}
    is_included = is_tax_included(order)
    may_be_untaxed = any(not line.rate for line in order.tax_lines)
    sums: dict[str, list[int]] = {}
    for line in lines:
        if line.kind is ItemKind.GIFT_CARD:
            continue
        each = sums.setdefault(line.tax_class, [0, 0, 0])
        each[0] += line.total_minor - (line.tax_minor if is_included else 0)
        each[1] += line.tax_minor
        each[2] += 1
    found: dict[str, Treatment] = {}
    for tax_class, (net, tax, count) in sums.items():
        is_worth_a_tax = may_be_untaxed and net * min(rates) >= 1
        if not tax and (tax_class in UNTAXED or is_worth_a_tax):
            continue
        rate = _explain(rates, net, tax, count)
        found[tax_class] = Treatment(TaxCategory.STANDARD, rate * _HUNDRED)
    return found


def _explain(rates: Sequence[Decimal], net: int, tax: int, count: int) -> Decimal:
    """Returns the sum of rates that explains a tax best, or the tax by the amount."""
    best = min(_sums(rates), key=lambda rate: (abs(net * rate - tax), -rate))
    if abs(net * best - tax) <= count + 1 or not net:
        return best
    # Taxes on taxes, or of a provider whose rates are not the law's.
    return (Decimal(tax) / net).quantize(Decimal("0.0001"))


def _sums(rates: Sequence[Decimal]) -> Iterator[Decimal]:
    if len(rates) > _FEW_RATES:
        yield from rates
        yield sum(rates, Decimal(0))
        return
    for size in range(1, len(rates) + 1):
        for each in combinations(rates, size):
            yield sum(each, Decimal(0))


def _untaxed(order: Order, line: OrderLine) -> Treatment:
    """Returns the treatment of a line without tax, by the reasons that the order has."""
    reasons = {each.category: each for each in order.tax_lines if not each.rate}
    is_service = line.kind is not ItemKind.PHYSICAL
    wanted = (
        (TaxCategory.EXEMPT,)
        if line.tax_class == EXEMPT
        else (TaxCategory.REVERSE_CHARGE, TaxCategory.OUT_OF_SCOPE)
        if is_service
        else (TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT)
    )
    others = (TaxCategory.EXEMPT, TaxCategory.OUT_OF_SCOPE, TaxCategory.ZERO_RATED, *reasons)
    if line.tax_class in UNTAXED and line.tax_class != EXEMPT and TaxCategory.ZERO_RATED in reasons:
        wanted = (TaxCategory.ZERO_RATED,)
    for category in (*wanted, *others):
        if (found := reasons.get(category)) is not None:
            return Treatment(found.category, Decimal(0), found.reason_code, found.reason)
    usual = relief_of(TaxCategory.OUT_OF_SCOPE, order.locale)
    return Treatment(usual.category, Decimal(0), usual.code, usual.reason)


def _delivery_parts(
    order: Order, lines: Sequence[OrderLine], found: Sequence[Treatment]
) -> Iterator[DeliveryPart]:
    amount = delivery_minor(order)
    if not amount:
        return
    weights: dict[Treatment, int] = {}
    for line, treatment in zip(lines, found, strict=True):
        if line.kind is not ItemKind.GIFT_CARD:
            weights[treatment] = weights.get(treatment, 0) + line.total_minor
    tax = sum(each.amount_minor for each in order.tax_lines) - sum(line.tax_minor for line in lines)
    of_rates = _taxes_by_rate(order, lines, found)
    shares = min(
        _splits(order, amount, weights, of_rates),
        key=lambda split: _error(split, tax, of_rates, is_included=is_tax_included(order)),
    )
    taxes = _divide_tax(order, shares, tax, of_rates)
    for treatment, part in shares.items():
        if part or taxes[treatment]:
            yield DeliveryPart(treatment, part, taxes[treatment])


def _taxes_by_rate(
    order: Order, lines: Sequence[OrderLine], found: Sequence[Treatment]
) -> dict[Treatment, int] | None:
    """Returns the tax of the delivery by treatment; None where a line has several taxes."""
    left: dict[Treatment, int] = {}
    for each in _rates(order):
        treatment = Treatment(TaxCategory.STANDARD, each.rate * _HUNDRED)
        left[treatment] = left.get(treatment, 0) + each.amount_minor
    for line, treatment in zip(lines, found, strict=True):
        if not line.tax_minor:
            continue
        if treatment not in left:
            return None
        left[treatment] -= line.tax_minor
    return None if any(tax < 0 for tax in left.values()) else left


def _splits(
    order: Order,
    amount: int,
    weights: Mapping[Treatment, int],
    of_rates: Mapping[Treatment, int] | None,
) -> Iterator[dict[Treatment, int]]:
    """Yields the ways in which settings may divide the price of delivery."""
    if weights:
        shares = list(weights.values()) if any(weights.values()) else [1] * len(weights)
        parts = allocate(Money(amount, order.currency), shares)
        yield {one: part.amount_minor for one, part in zip(weights, parts, strict=True)}
    for one in dict.fromkeys((*weights, *(of_rates or ()))):
        yield {one: amount}
    if not weights:
        yield {_voucher(order.locale): amount}


def _expected(treatment: Treatment, amount: int, *, is_included: bool) -> Decimal:
    rate = treatment.rate
    return amount * rate / (_HUNDRED + rate if is_included else _HUNDRED)


def _error(
    split: Mapping[Treatment, int],
    tax: int,
    of_rates: Mapping[Treatment, int] | None,
    *,
    is_included: bool,
) -> Decimal:
    expected = {one: _expected(one, part, is_included=is_included) for one, part in split.items()}
    if of_rates is None:
        return abs(sum(expected.values(), Decimal(0)) - tax)
    return sum(
        (
            abs(expected.get(one, Decimal(0)) - of_rates.get(one, 0))
            for one in {*expected, *of_rates}
        ),
        Decimal(0),
    )


def _divide_tax(
    order: Order,
    shares: Mapping[Treatment, int],
    tax: int,
    of_rates: Mapping[Treatment, int] | None,
) -> dict[Treatment, int]:
    """Returns the tax of each part: that of its rate, or its share of all that there is."""
    if of_rates is not None and not any(
        left for one, left in of_rates.items() if one not in shares
    ):
        return {one: of_rates.get(one, 0) for one in shares}
    rated = [one for one in shares if one.rate]
    taxes = dict.fromkeys(shares, 0)
    if not rated or not tax:
        if tax:
            taxes[next(iter(shares))] = tax
        return taxes
    weights = [int(shares[one] * one.rate * 100) or 1 for one in rated]
    for one, part in zip(rated, allocate(Money(tax, order.currency), weights), strict=True):
        taxes[one] = part.amount_minor
    return taxes
