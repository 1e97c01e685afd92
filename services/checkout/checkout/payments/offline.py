"""PaymentProvider of payments made outside: by transfer, invoice, at the door, or at a till.

Nobody is asked for anything. What is paid at the till is paid when the order is placed. Another
order is placed with its payment pending; staff, or the delivery, say when the money came
(`checkout.payments.settle`). A refund is recorded, and staff pay it out.
"""

from collections.abc import Sequence
from typing import Final

from chassis.money import Money
from checkout.errors.payments import ProviderRefused, WrongSignature
from checkout.payments.model import PaymentStatus, Settlement
from checkout.payments.provider import (
    Authorization,
    Method,
    Movement,
    PaymentProvider,
    ProviderPayment,
    WebhookEvent,
)


class Offline:
    """PaymentProvider without a provider outside. It has no ledger: the payments are it."""

    name: Final = "offline"
    methods: Final[Sequence[Method]] = (
        Method(
            "bank_transfer",
            "Bank transfer",
            needs_token=False,
            is_usual=False,
            settlement=Settlement.TRANSFER,
        ),
        Method(
            "cash_on_delivery",
            "Cash on delivery",
            needs_token=False,
            is_usual=False,
            settlement=Settlement.DELIVERY,
        ),
        Method(
            "invoice",
            "Invoice",
            needs_token=False,
            is_usual=False,
            settlement=Settlement.INVOICE,
        ),
        Method(
            "till_cash",
            "Cash at the till",
            needs_token=False,
            is_usual=False,
            settlement=Settlement.TILL,
        ),
        Method(
            "till_card",
            "Card at the till",
            needs_token=True,
            is_usual=False,
            settlement=Settlement.TILL,
        ),
    )

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        raise ProviderRefused(code="paid_outside")

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        raise ProviderRefused(code="paid_outside")

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        return ProviderPayment(
            id=payment_id,
            reference="",
            status=PaymentStatus.REFUNDED,
            currency=amount.currency,
            amount_minor=amount.amount_minor,
            captured_minor=amount.amount_minor,
            refunded_minor=amount.amount_minor,
        )

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        raise ProviderRefused(code="paid_outside")

    async def look_up(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        return None

    async def cancel_by_key(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        return None

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        return []

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        return []

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        raise WrongSignature

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> PaymentProvider:
    """Returns the provider; it has no settings."""
    return Offline()
