"""What an order costs."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.money import require_bounded
from checkout import taxes
from checkout.taxes import Taxes, TaxRule


@dataclass(frozen=True, slots=True)
class TotalsLine:
    """A line as it counts. Amounts are minor units; `discount_minor` is negative or zero."""

    subtotal_minor: int
    discount_minor: int
    tax_class: str

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.discount_minor


@dataclass(frozen=True, slots=True)
class TotalEntry:
    """An entry of an order's totals, as the Universal Commerce Protocol types them. The amount is in minor units."""

    type: str
    label: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in minor units of `currency`. `discount_minor` is negative or zero; `total_minor` is what the buyer pays."""

    currency: str
    subtotal_minor: int
    discount_minor: int
    fulfillment_minor: int
    taxes: Taxes
    is_tax_included: bool

    @property
    def tax_minor(self) -> int:
        return self.taxes.total_minor

    @property
    def total_minor(self) -> int:
        """The sum to pay. Raises AmountTooLarge."""
        added = 0 if self.is_tax_included else self.tax_minor
        return require_bounded(self.subtotal_minor + self.discount_minor + self.fulfillment_minor + added, path="totals")

    @property
    def entries(self) -> list[TotalEntry]:
        """The typed list of the Universal Commerce Protocol. Tax that the prices hold already is labelled so and not part of the sum."""
        entries = [_entry("subtotal", self.subtotal_minor)]
        if self.discount_minor:
            entries.append(_entry("discount", self.discount_minor))
        entries.append(_entry("fulfillment", self.fulfillment_minor))
        entries.append(_entry("tax", self.tax_minor, "included" if self.is_tax_included else ""))
        entries.append(_entry("total", self.total_minor))
        return entries


def of(lines: Sequence[TotalsLine], *, fulfillment_minor: int, currency: str, rule: TaxRule) -> Totals:
    """The totals of `lines` and their delivery. Raises AmountTooLarge where they are beyond what an amount may be."""
    for line in lines:
        require_bounded(line.subtotal_minor, path="line_items")
    require_bounded(sum(line.subtotal_minor for line in lines) + fulfillment_minor, path="totals")
    taxed = [(line.total_minor, line.tax_class) for line in lines]
    return Totals(
        currency=currency,
        subtotal_minor=sum(line.subtotal_minor for line in lines),
        discount_minor=sum(line.discount_minor for line in lines),
        fulfillment_minor=fulfillment_minor,
        taxes=taxes.of(taxed, delivery_minor=fulfillment_minor, currency=currency, rule=rule),
        is_tax_included=rule.is_included,
    )


def _entry(kind: str, amount_minor: int, label: str = "") -> TotalEntry:
    return TotalEntry(kind, label, amount_minor)
