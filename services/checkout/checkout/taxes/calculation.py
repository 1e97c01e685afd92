"""Tax of an amount, and of the lines and the delivery of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from chassis.money import Money, allocate, require_bounded
from checkout.taxes.rates import SEEDED, TaxRates
from checkout.texts import tax_title

_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A tax of an order.

    `rate` is a decimal fraction; `is_included` means that the prices include the tax.
    """

    title: str
    rate: Decimal
    amount_minor: int
    is_included: bool


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The place that taxes an order, and whether prices include the tax.

    `region` is the code of a US state, `locale` that of the titles of the taxes.
    """

    country: str
    region: str = ""
    is_included: bool = True
    rates: TaxRates = SEEDED
    locale: str = ""

    def rate_of(self, tax_class: str) -> Decimal:
        """Returns the rate as a decimal fraction. Raises TaxRateNotSet."""
        return self.rates.rate_of(self.country, self.region, tax_class)


@dataclass(frozen=True, slots=True)
class Taxes:
    """Tax per rate, and the same tax per line and for the delivery: both sums are `total_minor`."""

    tax_lines: tuple[TaxLine, ...]
    of_lines_minor: tuple[int, ...]
    of_delivery_minor: int

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.tax_lines)


def tax_in(amount_minor: int, rate: Decimal, *, is_included: bool) -> int:
    """Returns the tax in an amount or on top of it, rounded half to even on the minor unit.

    Raises AmountTooLarge.
    """
    require_bounded(amount_minor, path="tax")
    share = rate / (_ONE + rate) if is_included else rate
    return int((amount_minor * share).quantize(_ONE, rounding=ROUND_HALF_EVEN))


def tax_order(
    lines: Sequence[tuple[int, str]], *, delivery_minor: int, currency: str, rule: TaxRule
) -> Taxes:
    """Returns the taxes of `lines` (amount in minor units, tax class) and of their delivery.

    Raises TaxRateNotSet, AmountTooLarge.

    Delivery follows the goods: its price is divided over the rates in proportion to the lines
    (Court of Justice, C-349/96, Card Protection Plan). Tax is rounded once per rate, then divided
    over the lines and the delivery of that rate without losing a minor unit.
    """
    rates = [rule.rate_of(tax_class) for _, tax_class in lines]
    delivery_shares = _divide(delivery_minor, [amount for amount, _ in lines], currency)
    per_line = [0] * len(lines)
    delivery_tax = 0
    tax_lines = []
    for rate in sorted({rate for rate in rates if rate}, reverse=True):
        bearers = [index for index, each in enumerate(rates) if each == rate]
        amounts = [lines[index][0] for index in bearers]
        delivery_part = sum(delivery_shares[index] for index in bearers)
        tax = tax_in(sum(amounts) + delivery_part, rate, is_included=rule.is_included)
        *parts, delivery_tax_part = _divide(tax, [*amounts, delivery_part], currency)
        for index, part in zip(bearers, parts, strict=True):
            per_line[index] = part
        delivery_tax += delivery_tax_part
        tax_lines.append(TaxLine(_title_of(rule, rate), rate, tax, rule.is_included))
    return Taxes(tuple(tax_lines), tuple(per_line), delivery_tax)


def _title_of(rule: TaxRule, rate: Decimal) -> str:
    return tax_title(rule.rates.name_of(rule.country), rate, rule.locale)


def _divide(total_minor: int, weights: Sequence[int], currency: str) -> list[int]:
    if not weights:
        return []
    if not any(weights):
        # Free goods share their delivery evenly.
        weights = [1] * len(weights)
    return [part.amount_minor for part in allocate(Money(total_minor, currency), weights)]
