"""Amounts of credit notes: what goes back of an invoice, by tax treatment.

What is left of an invoice is kept by treatment. A credit note never gives back more of a treatment
than is left of it, and the one that gives back the rest takes its tax to the minor unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from chassis.money import Money, allocate, exponent
from chassis.quantity import PIECE
from checkout.documents.amounts.lines import line_part
from checkout.documents.amounts.treatments import OrderTreatments, charge_names
from checkout.documents.content import Adjustment, DocumentLine, TaxGroup, Treatment, groups_of
from checkout.orders.amounts import is_tax_included
from checkout.orders.model import Order, OrderLine

Steps = tuple[UUID, int, int]


@dataclass(frozen=True, slots=True)
class Credit:
    """An amount that goes back, with its tax: for steps of lines, of delivery, or of all.

    `delivery_minor` is what went back of the delivery's price. Where lines and delivery are worth
    more than the amount, the shop kept a part, or gave it back before.
    """

    source: str
    amount_minor: int
    voided_minor: int = 0
    steps: tuple[Steps, ...] = ()
    delivery_minor: int = 0


@dataclass(frozen=True, slots=True)
class CreditTexts:
    """Texts of a credit note: of a part of the price, of the delivery, and of what was kept."""

    reduction: str
    delivery: str
    kept: str


def left_of(
    invoice: Sequence[TaxGroup], credits: Sequence[Sequence[TaxGroup]]
) -> dict[Treatment, TaxGroup]:
    """Returns what is left of an invoice after its credit notes, by treatment."""
    left = {group.treatment: group for group in invoice}
    for groups in credits:
        for each in groups:
            was = left[each.treatment]
            left[each.treatment] = TaxGroup(
                was.treatment, was.base_minor - each.base_minor, was.tax_minor - each.tax_minor
            )
    return left


def credit_parts(
    order: Order,
    lines: Sequence[OrderLine],
    treatments: OrderTreatments,
    left: Mapping[Treatment, TaxGroup],
    credit: Credit,
    texts: CreditTexts,
) -> tuple[tuple[DocumentLine, ...], tuple[Adjustment, ...]]:
    """Returns the lines and the charges or allowances of a credit note."""
    of_lines = {
        line.id: (line, treatment)
        for line, treatment in zip(lines, treatments.of_lines, strict=True)
    }
    parts = tuple(
        line_part(order, *of_lines[line_id], start, end) for line_id, start, end in credit.steps
    )
    names = charge_names(order, texts.delivery)
    charges = _delivery(order, treatments, credit.delivery_minor, names) if parts else ()
    wanted = {group.treatment: group for group in groups_of(parts, charges)}
    goal = _fill(
        min(credit.amount_minor, sum(each.gross_minor for each in left.values())),
        {one: group.gross_minor for one, group in wanted.items()},
        {one: group.gross_minor for one, group in left.items()},
        order.currency,
    )
    targets = {one: _target(amount, wanted.get(one), left[one]) for one, amount in goal.items()}
    if not parts:
        return tuple(
            _reduction(target, texts.reduction, order.currency)
            for target in targets.values()
            if target.gross_minor
        ), ()
    differences = tuple(
        found
        for one, target in targets.items()
        if (found := _difference(target, wanted.get(one), texts.kept)) is not None
    )
    return parts, (*charges, *differences)


def _delivery(
    order: Order, treatments: OrderTreatments, gross_minor: int, reason: str
) -> tuple[Adjustment, ...]:
    """Returns a part of the price of delivery as charges, one a rate."""
    is_included = is_tax_included(order)
    grosses = [
        part.amount_minor + (0 if is_included else part.tax_minor) for part in treatments.delivery
    ]
    if not gross_minor or not any(grosses):
        return ()
    shares = allocate(Money(gross_minor, order.currency), grosses)
    found = list[Adjustment]()
    for part, gross, share in zip(treatments.delivery, grosses, shares, strict=True):
        tax = _share(part.tax_minor, share.amount_minor, gross)
        found.append(Adjustment(True, reason, share.amount_minor - tax, tax, part.treatment))
    return tuple(found)


def _fill(
    amount: int, wanted: Mapping[Treatment, int], most: Mapping[Treatment, int], currency: str
) -> dict[Treatment, int]:
    """Divides an amount as wanted, and nowhere more than there is."""
    goal = dict.fromkeys(most, 0)
    if sum(wanted.values()) > 0:
        worth = min(amount, sum(wanted.values()))
        parts = allocate(Money(worth, currency), list(wanted.values()))
        for one, part in zip(wanted, parts, strict=True):
            goal[one] = min(part.amount_minor, most.get(one, 0))
    rest, room = amount - sum(goal.values()), [most[one] - goal[one] for one in most]
    if rest and sum(room) > 0:
        for one, part in zip(most, allocate(Money(rest, currency), room), strict=True):
            goal[one] += part.amount_minor
    return goal


def _target(gross_minor: int, wanted: TaxGroup | None, left: TaxGroup) -> TaxGroup:
    """Returns what goes back of a treatment: all that is left, as wanted, or in proportion."""
    if gross_minor == left.gross_minor:
        return left
    if wanted and wanted.gross_minor == gross_minor and _fits(wanted, left):
        return wanted
    tax = _share(left.tax_minor, gross_minor, left.gross_minor)
    return TaxGroup(left.treatment, gross_minor - tax, tax)


def _fits(wanted: TaxGroup, left: TaxGroup) -> bool:
    return wanted.tax_minor <= left.tax_minor and wanted.base_minor <= left.base_minor


def _difference(target: TaxGroup, wanted: TaxGroup | None, reason: str) -> Adjustment | None:
    """Returns what lines and delivery are more or less than what goes back."""
    base = target.base_minor - (wanted.base_minor if wanted else 0)
    tax = target.tax_minor - (wanted.tax_minor if wanted else 0)
    if not base and not tax:
        return None
    sign = 1 if base > 0 else -1
    return Adjustment(base > 0, reason, sign * base, sign * tax, target.treatment)


def _reduction(target: TaxGroup, title: str, currency: str) -> DocumentLine:
    """Returns a part of the price of all goods as a line."""
    return DocumentLine(
        title=title,
        options="",
        sku="",
        quantity=Decimal(1),
        unit_code=PIECE,
        unit_price=Decimal(target.base_minor).scaleb(-exponent(currency)),
        allowance_minor=0,
        net_minor=target.base_minor,
        tax_minor=target.tax_minor,
        treatment=target.treatment,
    )


def _share(amount_minor: int, part: int, whole: int) -> int:
    if not whole:
        return 0
    share = Decimal(amount_minor * part) / whole
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))
