"""Division of a refund over the payments of an order."""

from collections.abc import Sequence

from chassis.money import Money, allocate
from checkout.errors.after_sale import RefundExceedsCaptured
from checkout.payments.model import Payment


def split_refund(payments: Sequence[Payment], amount_minor: int) -> list[tuple[Payment, int]]:
    """Returns the part of a refund that goes back to each payment, without those of none.

    Each gets its share of what is left to refund of all, so that none gets more than its own.
    Raises RefundExceedsCaptured.
    """
    left = [payment.refundable_minor for payment in payments]
    if amount_minor > sum(left):
        currency = payments[0].currency if payments else ""
        raise RefundExceedsCaptured(refundable_minor=sum(left), currency=currency)
    if not amount_minor:
        return []
    parts = allocate(Money(amount_minor, payments[0].currency), left)
    return [
        (payment, part.amount_minor)
        for payment, part in zip(payments, parts, strict=True)
        if part.amount_minor
    ]
