"""Refunds as their providers tell of them later.

A webhook is a hint that sets a timer; the provider is asked for the facts. So webhooks may be late,
repeated and in any order, and a crash loses none.
"""

from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.runtime.clock import real_now
from checkout import metrics
from checkout.payments.model import CHECK_REFUND, ReceivedWebhook
from checkout.payments.provider import Providers, RefundFinder, WebhookEvent
from checkout.refund_failures.actions import record_failed_refund
from checkout.refund_failures.queries import count_owed_refunds

log = telemetry.log("refund_failures")


async def receive_refund_event(database: Database, provider: str, event: WebhookEvent) -> None:
    """Accepts an event of a refund once; a timer asks the provider for the refund."""
    received = ReceivedWebhook(provider=provider, event_id=event.id, received_at=real_now())
    async with database.tx() as tx:
        if await tx.insert_new(received):
            await timers.schedule(tx, CHECK_REFUND, f"{provider}:{event.refund_id}", tx.now)


class RefundFailures:
    """Asks providers for refunds, and records those that failed."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def on_timer(self, timer: Timer) -> None:
        """Records a refund that failed. Idempotent."""
        name, _, provider_refund_id = timer.key.partition(":")
        provider = self._providers.named(name)
        if not isinstance(provider, RefundFinder):
            return
        found = await provider.find_refund(provider_refund_id)
        refund_id = _refund_id(found.key) if found else None
        if found is None or refund_id is None or not found.has_failed:
            return
        async with self._database.tx() as tx:
            await record_failed_refund(tx, refund_id, key=found.key, code=found.failure_code)

    async def watch(self) -> None:
        """Counts refunds that failed and are owed."""
        async with self._database.read() as read:
            metrics.refunds_owed.set(await count_owed_refunds(read))


def _refund_id(key: str) -> UUID | None:
    """Returns the refund of a key at the provider, which may be that of a later attempt."""
    try:
        return UUID(key.partition(":")[0])
    except ValueError:
        log.warning("a refund of another system")
        return None
