"""An example of a package that adds a payment provider by its entry point alone.

Its vouchers need no token. The account is in the memory of the process: a real provider keeps it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from chassis.money import Money
from chassis.runtime.clock import real_now
from checkout.errors.payments import MalformedWebhook, ProviderRefused, WrongSignature
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import (
    Authorization,
    Method,
    Movement,
    PaymentProvider,
    ProviderPayment,
    WebhookEvent,
)

# By key of `authorize`; None for a key that was cancelled first.
ACCOUNT: Final[dict[str, ProviderPayment | None]] = {}
ASKED: Final[list[Authorization]] = []
_movements: Final[list[Movement]] = []
_done: Final[set[str]] = set()


class Acme:
    """PaymentProvider of Acme."""

    name: Final = "acme"
    methods: Final[Sequence[Method]] = (
        Method("wallet", "Acme wallet"),
        Method("voucher", "Acme voucher", needs_token=False, is_usual=False),
    )

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        if wanted.key not in ACCOUNT:
            ASKED.append(wanted)
            ACCOUNT[wanted.key] = ProviderPayment(
                id=f"acme_{len(ACCOUNT)}",
                reference=wanted.reference,
                status=PaymentStatus.AUTHORIZED,
                currency=wanted.amount.currency,
                amount_minor=wanted.amount.amount_minor,
                captured_minor=0,
                refunded_minor=0,
            )
        found = ACCOUNT[wanted.key]
        if found is None:
            raise ProviderRefused(code="cancelled")
        return found

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        name, found = _find(payment_id)
        if key in _done:
            return found
        return _store(
            name,
            replace(found, status=PaymentStatus.CAPTURED, captured_minor=amount.amount_minor),
            key,
        )

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        name, found = _find(payment_id)
        if key in _done:
            return found
        refunded = found.refunded_minor + amount.amount_minor
        if refunded > found.captured_minor:
            raise ProviderRefused(code="too_much")
        status = (
            PaymentStatus.REFUNDED
            if refunded == found.captured_minor
            else PaymentStatus.PARTIALLY_REFUNDED
        )
        return _store(name, replace(found, status=status, refunded_minor=refunded), key)

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        name, found = _find(payment_id)
        return _store(name, replace(found, status=PaymentStatus.VOIDED), key)

    async def look_up(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        return ACCOUNT.get(key)

    async def cancel_by_key(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        found = ACCOUNT.setdefault(key, None)
        if found is None:
            return None
        if found.net_minor:
            amount = Money(found.net_minor, found.currency)
            return await self.refund(found.id, amount=amount, key=f"{key}:cancel")
        return await self.void(found.id, key=f"{key}:cancel")

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        return [each for each in ACCOUNT.values() if each and each.reference == reference]

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        return _movements[int(after or 0) :][:limit]

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        if signature != "acme":
            raise WrongSignature
        try:
            event = json.loads(body)
            return WebhookEvent(event["id"], event["type"], event["reference"])
        except (ValueError, KeyError, TypeError):
            raise MalformedWebhook from None

    async def close(self) -> None:
        """There is nothing to close."""


def connect(_timeout_seconds: float) -> PaymentProvider:
    """Connects Acme."""
    return Acme()


def _find(payment_id: str) -> tuple[str, ProviderPayment]:
    for name, found in ACCOUNT.items():
        if found and found.id == payment_id:
            return name, found
    raise ProviderRefused(code="unknown_payment")


def _store(name: str, payment: ProviderPayment, key: str) -> ProviderPayment:
    ACCOUNT[name] = payment
    _done.add(key)
    _movements.append(Movement(str(len(_movements) + 1), payment.reference, real_now()))
    return payment
