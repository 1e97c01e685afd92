"""Totals of an order: goods, discount, delivery, fee and tax."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

from chassis.line_item import ItemKind, LineItem
from chassis.money import require_bounded
from chassis.totals import TotalType
from checkout.taxes.calculation import Calculator, Taxes, TaxRule, tax_order, taxed_lines
from checkout.texts import included_tax


@dataclass(frozen=True, slots=True)
class TotalEntry:
    """An entry of the totals of an order."""

    type: TotalType
    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee of a payment method, in minor units, under the method's name."""

    title: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in minor units of `currency`. `discount_minor` is negative or zero.

    `fee` is that of the payment method, under its name.
    """

    currency: str
    subtotal_minor: int
    discount_minor: int
    fulfillment_minor: int
    taxes: Taxes
    is_tax_included: bool
    locale: str = ""
    fee: Fee | None = None

    @property
    def _tax_label(self) -> str:
        lines = self.taxes.tax_lines
        if titles := ", ".join(line.title for line in lines if line.rate):
            return included_tax(titles, self.locale) if self.is_tax_included else titles
        return ", ".join(line.title for line in lines if line.reason)

    @property
    def tax_minor(self) -> int:
        return self.taxes.total_minor

    @property
    def total_minor(self) -> int:
        """The amount that the buyer pays. Raises AmountTooLarge."""
        added = 0 if self.is_tax_included else self.tax_minor
        return require_bounded(
            self.subtotal_minor
            + self.discount_minor
            + self.fulfillment_minor
            + (self.fee.amount_minor if self.fee else 0)
            + added,
            path="totals",
        )

    @property
    def entries(self) -> list[TotalEntry]:
        """The totals as the Universal Commerce Protocol lists them.

        The label of the tax names it, e.g. "VAT 19 % included" for a tax in the prices, which adds
        nothing, or the reason for which there is none.
        """
        entries = [_entry(TotalType.SUBTOTAL, self.subtotal_minor)]
        if self.discount_minor:
            entries.append(_entry(TotalType.DISCOUNT, self.discount_minor))
        entries.append(_entry(TotalType.FULFILLMENT, self.fulfillment_minor))
        if self.fee:
            entries.append(_entry(TotalType.FEE, self.fee.amount_minor, self.fee.title))
        entries.append(_entry(TotalType.TAX, self.tax_minor, self._tax_label))
        entries.append(_entry(TotalType.TOTAL, self.total_minor))
        return entries


def price_order(
    lines: Sequence[LineItem],
    *,
    fulfillment_minor: int,
    currency: str,
    rule: TaxRule,
    calculate: Calculator = tax_order,
    fee: Fee | None = None,
) -> Totals:
    """Returns the totals of lines and their delivery. Raises TaxRateNotSet, AmountTooLarge.

    A fee is taxed as the delivery is, and together with it.
    """
    fee_minor = fee.amount_minor if fee else 0
    for line in lines:
        require_bounded(line.subtotal.amount_minor, path="lines")
    require_bounded(
        sum(line.subtotal.amount_minor for line in lines) + fulfillment_minor + fee_minor,
        path="totals",
    )
    return Totals(
        currency=currency,
        subtotal_minor=sum(line.subtotal.amount_minor for line in lines),
        discount_minor=sum(line.discount.amount_minor for line in lines),
        fulfillment_minor=fulfillment_minor,
        taxes=taxes_of(
            lines,
            fulfillment_minor=fulfillment_minor + fee_minor,
            currency=currency,
            rule=rule,
            calculate=calculate,
        ),
        is_tax_included=rule.is_included,
        locale=rule.locale,
        fee=fee,
    )


def taxes_of(
    lines: Sequence[LineItem],
    *,
    fulfillment_minor: int,
    currency: str,
    rule: TaxRule,
    calculate: Calculator,
) -> Taxes:
    """Returns the taxes of lines and their delivery. Raises TaxRateNotSet, AmountTooLarge.

    A voucher for more than one thing is taxed when it pays, and bears no delivery.
    """
    is_taxed = [line.kind is not ItemKind.GIFT_CARD for line in lines]
    taxed = taxed_lines(list(compress(lines, is_taxed)))
    taxes = calculate(taxed, delivery_minor=fulfillment_minor, currency=currency, rule=rule)
    of_taxed = iter(taxes.of_lines_minor)
    of_lines = tuple(next(of_taxed) if each else 0 for each in is_taxed)
    return replace(taxes, of_lines_minor=of_lines)


def _entry(kind: TotalType, amount_minor: int, label: str = "") -> TotalEntry:
    return TotalEntry(kind, label, amount_minor)
