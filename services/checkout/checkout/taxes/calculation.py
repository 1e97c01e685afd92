"""Tax of an amount, and of the lines and the delivery of an order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

from chassis.money import Money, allocate, require_bounded
from checkout.taxes.model import Place, Rounding, TaxSettings
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import Component, Components, TaxTable, taxing_place
from checkout.texts import rated_title

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
    """The place and the day that tax an order, and whether prices include the tax.

    `locale` is that of the titles of the taxes, `origin` the country that parcels are sent from.
    """

    place: Place
    day: date
    is_included: bool = True
    table: TaxTable = SEEDED
    settings: TaxSettings = field(default_factory=lambda: SEEDED.settings_of(""))
    origin: str = ""
    locale: str = ""

    def components(self, tax_class: str) -> Components:
        """Returns the taxes of a class of goods. Raises TaxRateNotSet."""
        place = taxing_place(self.place, self.origin or self.place.country, self.settings)
        return () if place is None else self.table.components(place, tax_class, self.day)


@dataclass(frozen=True, slots=True)
class Taxes:
    """Tax per rate, and the same tax per line and for the delivery: both sums are `total_minor`."""

    tax_lines: tuple[TaxLine, ...]
    of_lines_minor: tuple[int, ...]
    of_delivery_minor: int

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.tax_lines)


class _Bearer(NamedTuple):
    """An amount that a tax is on: of a line, by its place, or a part of the delivery's (None)."""

    line: int | None
    amount_minor: int


class _Levy(NamedTuple):
    """A component, and its share of the amounts: of the gross ones where they include the tax."""

    component: Component
    share: Decimal


def tax_in(amount_minor: int, share: Decimal, *, rounding: str = ROUND_HALF_EVEN) -> int:
    """Returns a share of an amount, rounded on the minor unit. Raises AmountTooLarge."""
    require_bounded(amount_minor, path="tax")
    return int((amount_minor * share).quantize(_ONE, rounding=rounding))


def share_of(
    component: Component, components: Iterable[Component], *, is_included: bool
) -> Decimal:
    """Returns the share of an amount that a tax is, beside all taxes of the amount."""
    if not is_included:
        return component.effective
    return component.effective / (_ONE + sum(each.effective for each in components))


def tax_order(
    lines: Sequence[tuple[int, str]], *, delivery_minor: int, currency: str, rule: TaxRule
) -> Taxes:
    """Returns the taxes of `lines` (amount in minor units, tax class) and of their delivery.

    Raises TaxRateNotSet, AmountTooLarge.

    Delivery follows the goods where the settings name no class for it: its price is divided over
    the rates in proportion to the lines (Court of Justice, C-349/96, Card Protection Plan). Tax is
    rounded once per rate, or for each line, as the settings say; what is rounded once is divided
    over the lines and the delivery without losing a minor unit.
    """
    levies: dict[_Levy, list[_Bearer]] = {}

    def bear(bearer: _Bearer, tax_class: str) -> None:
        components = rule.components(tax_class)
        for each in components:
            if each.rate:
                share = share_of(each, components, is_included=rule.is_included)
                levies.setdefault(_Levy(each, share), []).append(bearer)

    for index, (amount, tax_class) in enumerate(lines):
        bear(_Bearer(index, amount), tax_class)
    if rule.settings.delivery_tax_class:
        bear(_Bearer(None, delivery_minor), rule.settings.delivery_tax_class)
    else:
        parts = _divide(delivery_minor, [amount for amount, _ in lines], currency)
        for part, (_, tax_class) in zip(parts, lines, strict=True):
            bear(_Bearer(None, part), tax_class)
    per_line, delivery_tax = [0] * len(lines), 0
    tax_lines: dict[tuple[int, Decimal, str], int] = {}
    for levy, bearers in levies.items():
        taxes = _rounded(levy.share, bearers, rule.settings, currency)
        for bearer, tax in taxes:
            if bearer.line is None:
                delivery_tax += tax
            else:
                per_line[bearer.line] += tax
        shown = levy.component.level, levy.component.rate, levy.component.title(rule.locale)
        tax_lines[shown] = tax_lines.get(shown, 0) + sum(tax for _, tax in taxes)
    return Taxes(
        tuple(
            TaxLine(rated_title(title, rate, rule.locale), rate, amount, rule.is_included)
            for (_, rate, title), amount in sorted(
                tax_lines.items(), key=lambda one: (one[0][0], -one[0][1], one[0][2])
            )
        ),
        tuple(per_line),
        delivery_tax,
    )


def _rounded(
    share: Decimal, bearers: Sequence[_Bearer], settings: TaxSettings, currency: str
) -> list[tuple[_Bearer, int]]:
    """Returns the tax of each line, and of the delivery as one."""
    delivery = sum(each.amount_minor for each in bearers if each.line is None)
    whole = [each for each in bearers if each.line is not None]
    if len(whole) < len(bearers):
        whole.append(_Bearer(None, delivery))
    rounding = settings.half_rounding.of_decimal
    if settings.rounding is Rounding.LINE:
        return [(each, tax_in(each.amount_minor, share, rounding=rounding)) for each in whole]
    amounts = [each.amount_minor for each in whole]
    tax = tax_in(sum(amounts), share, rounding=rounding)
    return list(zip(whole, _divide(tax, amounts, currency), strict=True))


def _divide(total_minor: int, weights: Sequence[int], currency: str) -> list[int]:
    if not weights:
        return []
    if not any(weights):
        # Free goods share their delivery evenly.
        weights = [1] * len(weights)
    return [part.amount_minor for part in allocate(Money(total_minor, currency), weights)]
