"""Captures at the provider.

The commit that ships begins a capture, the provider takes the money under the key of the capture,
and another commit records it. Captures of one payment follow each other.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.money import Money
from chassis.rpc.errors import Refused
from checkout import metrics
from checkout.captures.actions import end_capture, start_capture
from checkout.captures.model import PaymentCapture
from checkout.captures.queries import count_failed, count_lapsing
from checkout.crashes import crash_point
from checkout.errors.payments import ProviderRefused
from checkout.orders.model import Order
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.provider import PartCapturer, ProviderPayment, Providers

# An authorization that lapses within it is to be taken, or its order shipped, soon.
LAPSES_SOON: Final = timedelta(days=1)


class Captures:
    """Takes and releases what is authorized."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def complete(self, capture_id: UUID) -> None:
        """Takes the money of a capture. Idempotent and safe to run concurrently."""
        async with self._database.tx() as tx:
            is_next = await start_capture(tx, capture_id)
        if not is_next:
            return
        async with self._database.read() as read:
            capture = await read.get(PaymentCapture, capture_id)
            assert capture is not None, "captures are not deleted"
            payment = await read.get(Payment, capture.payment_id)
        assert payment is not None, "a capture has a payment"
        crash_point("before:capture_part:do")
        failure_code: str | None = None
        try:
            found = await self._take(payment, capture)
            if found.captured_minor < capture.captured_before_minor + capture.amount_minor:
                raise ProviderRefused(code=found.status)
        except Refused as error:
            failure_code = str(error.metadata.get("code") or error.reason)
        crash_point("after:capture_part:do")
        async with self._database.tx() as tx:
            await end_capture(tx, capture_id, failure_code=failure_code)

    async def on_timer(self, timer: Timer) -> None:
        """Takes the money of a capture that a shipment began."""
        await self.complete(UUID(timer.key))

    async def on_release(self, timer: Timer) -> None:
        """Has the provider release what is authorized of a payment that is over."""
        async with self._database.read() as read:
            payment = await read.get(Payment, UUID(timer.key))
            order = await read.get(Order, payment.order_id) if payment else None
        if payment is None or order is None or payment.is_held:
            return
        provider = self._providers.named(payment.provider)
        crash_point("before:release:do")
        if payment.status is PaymentStatus.VOIDED:
            await provider.cancel_by_key(
                order.authorization_key, payment_id=payment.provider_payment_id
            )
        elif isinstance(provider, PartCapturer) and payment.captures_parts:
            await provider.release_rest(payment.provider_payment_id)
        crash_point("after:release:do")

    async def watch(self) -> None:
        """Counts authorizations that lapse soon, and captures that failed."""
        async with self._database.read() as read:
            lapsing = await count_lapsing(read, self._database.clock.now() + LAPSES_SOON)
            failed = await count_failed(read)
        metrics.authorizations_lapsing.set(lapsing)
        metrics.captures_failed.set(failed)

    async def _take(self, payment: Payment, capture: PaymentCapture) -> ProviderPayment:
        provider = self._providers.named(payment.provider)
        amount = Money(capture.amount_minor, capture.currency)
        if isinstance(provider, PartCapturer) and payment.captures_parts:
            return await provider.capture_part(
                payment.provider_payment_id,
                amount=amount,
                captured_before_minor=capture.captured_before_minor,
                key=capture.provider_key,
                is_last=capture.is_last,
            )
        return await provider.capture(
            payment.provider_payment_id, amount=amount, key=capture.provider_key
        )
