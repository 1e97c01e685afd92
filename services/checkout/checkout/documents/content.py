"""The content of a document, as it is stored when it is issued.

Amounts are minor units of the document's currency without tax, unless they say `gross`. Rates are
percentages. The names in brackets are the terms of EN 16931.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Treatment:
    """The taxation of an amount: a category of EN 16931 and a rate, or a reason for none.

    `reason_code` is of the list VATEX.
    """

    category: str
    rate: Decimal = Decimal(0)
    reason_code: str = field(default="", compare=False)
    reason: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Party:
    """A seller, a buyer or a receiver of goods. Any of it may be empty but the country."""

    name: str
    country: str
    street_address: str = ""
    postal_code: str = ""
    address_locality: str = ""
    address_region: str = ""
    contact: str = ""
    vat_id: str = ""
    tax_number: str = ""
    registration: str = ""
    email: str = ""
    phone_number: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account for transfers."""

    iban: str
    bic: str
    holder: str


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line [BG-25]. `unit_price` [BT-146] is in major units, for one of `quantity`.

    The product of both, rounded, less the allowance is the net amount [BT-131].
    """

    title: str
    options: str
    sku: str
    quantity: Decimal
    unit_code: str
    unit_price: Decimal
    allowance_minor: int
    net_minor: int
    tax_minor: int
    treatment: Treatment
    order_line_id: UUID | None = None

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A charge [BG-21] or an allowance [BG-20] on the whole document; amounts are positive."""

    is_charge: bool
    reason: str
    net_minor: int
    tax_minor: int
    treatment: Treatment

    @property
    def sign(self) -> int:
        return 1 if self.is_charge else -1


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The tax of all amounts of a treatment [BG-23]."""

    treatment: Treatment
    base_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        return self.base_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Paid:
    """An amount that was paid when the document was issued, and how."""

    title: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document: its number and its day."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class DocumentContent:
    """All that a document says. Its sums follow from lines, adjustments and groups."""

    number: str
    issued_on: date
    language: str
    currency: str
    order_number: str
    ordered_on: date
    seller: Party
    seller_code: str
    buyer: Party
    supplied_on: date | None = None
    receiver: Party | None = None
    account: Account | None = None
    lines: tuple[DocumentLine, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    groups: tuple[TaxGroup, ...] = ()
    paid: tuple[Paid, ...] = ()
    payment_reference: str = ""
    payment_note: str = ""
    due_on: date | None = None
    invoice: Reference | None = None
    reason: str = ""
    legal_text: str = ""

    @property
    def lines_minor(self) -> int:
        """Sum of lines [BT-106]."""
        return sum(line.net_minor for line in self.lines)

    @property
    def charges_minor(self) -> int:
        """Sum of charges [BT-108]."""
        return sum(each.net_minor for each in self.adjustments if each.is_charge)

    @property
    def allowances_minor(self) -> int:
        """Sum of allowances [BT-107]."""
        return sum(each.net_minor for each in self.adjustments if not each.is_charge)

    @property
    def net_minor(self) -> int:
        """Total without tax [BT-109]."""
        return self.lines_minor - self.allowances_minor + self.charges_minor

    @property
    def tax_minor(self) -> int:
        """Tax [BT-110]."""
        return sum(each.tax_minor for each in self.groups)

    @property
    def gross_minor(self) -> int:
        """Total with tax [BT-112]."""
        return self.net_minor + self.tax_minor

    @property
    def paid_minor(self) -> int:
        """Sum of the payments [BT-113]."""
        return sum(each.amount_minor for each in self.paid)

    @property
    def due_minor(self) -> int:
        """Amount that is left to pay [BT-115]."""
        return self.gross_minor - self.paid_minor


def group_of(
    treatment: Treatment, lines: tuple[DocumentLine, ...], adjustments: tuple[Adjustment, ...]
) -> TaxGroup:
    """Returns the tax group of the amounts of a treatment."""
    base = tax = 0
    for line in lines:
        if line.treatment == treatment:
            base, tax = base + line.net_minor, tax + line.tax_minor
    for each in adjustments:
        if each.treatment == treatment:
            base, tax = base + each.sign * each.net_minor, tax + each.sign * each.tax_minor
    return TaxGroup(treatment, base, tax)


def groups_of(
    lines: tuple[DocumentLine, ...], adjustments: tuple[Adjustment, ...]
) -> tuple[TaxGroup, ...]:
    """Returns the tax groups of a document, the highest rate first."""
    found = dict.fromkeys(
        [line.treatment for line in lines] + [each.treatment for each in adjustments]
    )
    ordered = sorted(found, key=lambda each: (-each.rate, each.category))
    return tuple(group_of(each, lines, adjustments) for each in ordered)
