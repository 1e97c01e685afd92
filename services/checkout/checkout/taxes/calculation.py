"""Tax of an amount, and of the lines and the delivery of an order."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from chassis.line_item import ItemKind, LineItem
from chassis.money import Money, allocate, require_bounded
from checkout.errors.taxes import TaxRateNotSet
from checkout.taxes.categories import Relief, TaxCategory, relief_of
from checkout.taxes.model import DeliveryTaxRule, Place, Rounding, TaxSettings
from checkout.taxes.relief import NOBODY, OrderRelief, TaxBuyer, find_relief, may_use_ioss
from checkout.taxes.seeds import SEEDED
from checkout.taxes.table import EXEMPT, UNTAXED, Component, Components, TaxTable, taxing_place
from checkout.texts import rated_title

_ONE: Final = Decimal(1)
# Name of the own rates as who computed the taxes of an order.
TABLES: Final = "tables"


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A tax of an order, or a reason for which a part of it is not taxed.

    `rate` is a decimal fraction; `is_included` means that the prices include the tax. `category` is
    a code of EN 16931, `reason_code` one of the list VATEX.
    """

    title: str
    rate: Decimal
    amount_minor: int
    is_included: bool
    category: str = TaxCategory.STANDARD
    reason_code: str = ""
    reason: str = ""


class TaxedLine(NamedTuple):
    """A line of an order: its amount after discounts, and its tax class."""

    amount_minor: int
    tax_class: str
    is_service: bool = False


@dataclass(frozen=True, slots=True)
class TaxRule:
    """The place and the day that tax an order, and whether prices include the tax.

    `locale` is that of the titles of the taxes, `origin` the country that parcels are sent from.
    With `is_relieved=False` the taxes are those that the place has for any buyer. `is_ioss` says
    that the order is taxed under the import scheme: see `with_import_scheme`.
    """

    place: Place
    day: date
    is_included: bool = True
    table: TaxTable = SEEDED
    settings: TaxSettings = field(default_factory=lambda: SEEDED.settings_of(""))
    origin: str = ""
    locale: str = ""
    buyer: TaxBuyer = NOBODY
    is_relieved: bool = True
    is_ioss: bool = False

    @property
    def ioss_number(self) -> str:
        """The number under which the order is taxed; empty for an order outside the scheme."""
        return self.settings.ioss_number if self.is_ioss and self.relief is None else ""

    @property
    def origin_country(self) -> str:
        return self.origin or self.place.country

    @property
    def relief(self) -> OrderRelief | None:
        """The relief of the whole order; None where it is taxed."""
        if not self.is_relieved:
            return None
        return find_relief(
            self.place,
            self.origin_country,
            self.settings,
            self.buyer,
            locale=self.locale,
            is_ioss=self.is_ioss,
        )

    def components(self, tax_class: str) -> Components:
        """Returns the taxes of a class of goods. Raises TaxRateNotSet."""
        place: Place | None = self.place
        if self.is_relieved:
            place = taxing_place(
                self.place, self.origin_country, self.settings, is_ioss=self.is_ioss
            )
        return () if place is None else self.table.components(place, tax_class, self.day)

    def of_any_buyer(self, place: Place) -> "TaxRule":
        """Returns the rule of a buyer without reliefs at a place that taxes the order."""
        return replace(self, place=place, is_relieved=False)

    def with_import_scheme(self, lines: Sequence[TaxedLine], currency: str) -> "TaxRule":
        """Returns the rule under the import scheme, if the goods are of low value and may be.

        Their value is without the tax of the place they go to, and without services and delivery.
        """
        limit = self.settings.ioss_limit(currency)
        if not limit or not may_use_ioss(
            self.place, self.origin_country, self.settings, self.buyer.vat_id
        ):
            return self
        goods = [line for line in lines if not line.is_service]
        if not goods or sum(map(self._net, goods)) > limit:
            return self
        return replace(self, is_ioss=True)

    def _net(self, line: TaxedLine) -> Fraction:
        """Returns an amount without the tax of the place; as it is where no rate is set there."""
        rate = Decimal(0)
        if self.is_included and line.tax_class not in UNTAXED:
            with contextlib.suppress(TaxRateNotSet):
                found = self.table.components(self.place, line.tax_class, self.day)
                rate = sum((each.effective for each in found), rate)
        return line.amount_minor / (1 + Fraction(rate))


@dataclass(frozen=True, slots=True)
class Taxes:
    """Tax per rate, and the same tax per line and for the delivery: both sums are `total_minor`.

    `calculated_by` is the name of a provider, or TABLES; `is_fallback` where the provider did not
    answer.
    """

    tax_lines: tuple[TaxLine, ...]
    of_lines_minor: tuple[int, ...]
    of_delivery_minor: int
    calculated_by: str = TABLES
    is_fallback: bool = False

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


def taxed_lines(items: Sequence[LineItem]) -> list[TaxedLine]:
    """Returns the items of a cart as the calculation takes them."""
    return [
        TaxedLine(item.total.amount_minor, item.tax_class, item.kind is not ItemKind.PHYSICAL)
        for item in items
    ]


def tax_order(
    lines: Sequence[TaxedLine], *, delivery_minor: int, currency: str, rule: TaxRule
) -> Taxes:
    """Returns the taxes of lines and of their delivery. Raises TaxRateNotSet, AmountTooLarge.

    Delivery follows the goods where the settings name no class for it: in proportion to the lines
    (Court of Justice, C-349/96, Card Protection Plan), or as the class that they say. Tax is
    rounded once per rate, or for each line, as the settings say; what is rounded once is divided
    over the lines and the delivery without losing a minor unit.
    """
    if (relief := rule.relief) is not None:
        return untaxed(lines, relief, rule)
    levies: dict[_Levy, list[_Bearer]] = {}
    reliefs: dict[TaxLine, None] = {}

    def bear(bearer: _Bearer, tax_class: str) -> None:
        components = rule.components(tax_class)
        for each in components:
            if each.rate:
                share = share_of(each, components, is_included=rule.is_included)
                levies.setdefault(_Levy(each, share), []).append(bearer)
        if not any(each.rate for each in components) and _is_known(rule, tax_class, components):
            reliefs[_relief_line(_relief_of_class(tax_class, rule.locale), rule.is_included)] = None

    for index, line in enumerate(lines):
        bear(_Bearer(index, line.amount_minor), line.tax_class)
    for part, tax_class in _delivery_parts(lines, delivery_minor, currency, rule):
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
    found = [
        TaxLine(rated_title(title, rate, rule.locale), rate, amount, rule.is_included)
        for (_, rate, title), amount in sorted(
            tax_lines.items(), key=lambda one: (one[0][0], -one[0][1], one[0][2])
        )
    ]
    return Taxes((*found, *reliefs), tuple(per_line), delivery_tax)


class Calculator(Protocol):
    """Computes the taxes of an order, as `tax_order` does."""

    def __call__(
        self, lines: Sequence[TaxedLine], *, delivery_minor: int, currency: str, rule: TaxRule
    ) -> Taxes: ...


def untaxed(lines: Sequence[TaxedLine], relief: OrderRelief, rule: TaxRule) -> Taxes:
    """Returns the taxes of an order that has none, with a line for each reason."""
    reasons = dict.fromkeys(
        _relief_of_class(EXEMPT, rule.locale)
        if line.tax_class == EXEMPT
        else relief.of(is_service=line.is_service)
        for line in lines
    ) or {relief.goods: None}
    found = tuple(_relief_line(each, rule.is_included) for each in reasons)
    return Taxes(found, (0,) * len(lines), 0)


def _relief_line(relief: Relief, is_included: bool) -> TaxLine:
    return TaxLine(
        relief.title, Decimal(0), 0, is_included, relief.category, relief.code, relief.reason
    )


def _relief_of_class(tax_class: str, locale: str) -> Relief:
    """Returns why goods of a class have no tax where others are taxed."""
    is_exempt = tax_class == EXEMPT
    return relief_of(TaxCategory.EXEMPT if is_exempt else TaxCategory.ZERO_RATED, locale)


def _is_known(rule: TaxRule, tax_class: str, components: Components) -> bool:
    """Returns whether there is no tax, and not only none yet, as the region is unknown."""
    return bool(components) or tax_class in UNTAXED


def _delivery_parts(
    lines: Sequence[TaxedLine], delivery_minor: int, currency: str, rule: TaxRule
) -> list[tuple[int, str]]:
    """Returns the parts of the delivery's price, each with the class in which it is taxed."""
    if rule.settings.delivery_tax_class:
        return [(delivery_minor, rule.settings.delivery_tax_class)]
    if not lines:
        return []
    amounts: dict[str, int] = {}
    for line in lines:
        amounts[line.tax_class] = amounts.get(line.tax_class, 0) + line.amount_minor
    match rule.settings.delivery_tax_rule:
        case DeliveryTaxRule.MAIN:
            return [(delivery_minor, max(amounts, key=lambda each: amounts[each]))]
        case DeliveryTaxRule.HIGHEST:
            return [(delivery_minor, max(amounts, key=lambda each: _rate_of(each, rule)))]
        case DeliveryTaxRule.PROPORTIONAL:
            parts = _divide(delivery_minor, [line.amount_minor for line in lines], currency)
            return [(part, line.tax_class) for part, line in zip(parts, lines, strict=True)]


def _rate_of(tax_class: str, rule: TaxRule) -> Decimal:
    return sum((each.effective for each in rule.components(tax_class)), Decimal(0))


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
