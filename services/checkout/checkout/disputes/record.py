"""Recording of disputes, as their providers tell of them.

A webhook is a hint that sets a timer; the provider is asked for the facts. So webhooks may be late,
repeated and in any order, and a crash loses none.
"""

from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.audit import OPERATOR
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now, uuid7
from checkout.desk import events as desk_events
from checkout.desk.model import HoldReason, OrderHold
from checkout.desk.queries import find_open_hold
from checkout.disputes import events
from checkout.disputes.model import CHECK_DISPUTE, PaymentDispute
from checkout.disputes.queries import find_disputes
from checkout.orders.model import Order, OrderStatus
from checkout.orders.store import save_order
from checkout.payments.model import ReceivedWebhook
from checkout.payments.provider import (
    DisputeProvider,
    DisputeStatus,
    ProviderDispute,
    Providers,
    WebhookEvent,
)
from checkout.payments.queries import find_payments

log = telemetry.log("disputes")
_UNSHIPPED = (OrderStatus.PLACED, OrderStatus.PARTIALLY_SHIPPED)


async def receive_dispute(database: Database, provider: str, event: WebhookEvent) -> None:
    """Accepts an event of a dispute once; a timer asks the provider for the dispute."""
    received = ReceivedWebhook(provider=provider, event_id=event.id, received_at=real_now())
    async with database.tx() as tx:
        if await tx.insert_new(received):
            await timers.schedule(tx, CHECK_DISPUTE, f"{provider}:{event.dispute_id}", tx.now)


class Disputes:
    """Asks providers for disputes, and records them."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def on_timer(self, timer: Timer) -> None:
        """Records a dispute as it is now. Idempotent."""
        name, _, dispute_id = timer.key.partition(":")
        provider = self._providers.named(name)
        if not isinstance(provider, DisputeProvider):
            return
        found = await provider.find_dispute(dispute_id)
        if found is None:
            log.warning("the provider has no such dispute", provider=name)
            return
        async with self._database.tx() as tx:
            await record_dispute(tx, name, found)


async def record_dispute(tx: Tx, provider: str, found: ProviderDispute) -> None:
    """Stores a dispute, and holds its order until it is over, if it has not shipped yet.

    Emits PaymentDisputeChanged, and OrderHeld. Ignores a payment of none of our orders.
    """
    order = await _lock_order(tx, found.reference)
    payments = await find_payments(tx, [order.id]) if order else []
    payment = next(
        (each for each in payments if each.provider_payment_id == found.payment_id), None
    )
    if order is None or payment is None:
        log.warning("a dispute of no order", provider=provider)
        return
    known = next(
        (
            each
            for each in await find_disputes(tx, [order.id])
            if (each.provider, each.provider_dispute_id) == (provider, found.id)
        ),
        None,
    )
    dispute = known or PaymentDispute(
        id=uuid7(),
        order_id=order.id,
        payment_id=payment.id,
        provider=provider,
        provider_dispute_id=found.id,
        status=found.status,
        reason=found.reason,
        currency=found.amount.currency,
        amount_minor=found.amount.amount_minor,
        respond_by=found.respond_by,
        opened_at=found.opened_at,
    )
    if known is None:
        await tx.insert(dispute)
        await _hold(tx, order, dispute)
    elif not _takes_over(known, found):
        return
    else:
        await tx.update(known)
    await save_order(tx, order)
    await tx.emit(events.payment_dispute_changed(order, dispute), key=order.id)


def _takes_over(known: PaymentDispute, found: ProviderDispute) -> bool:
    """Gives a known dispute what the provider says now; returns whether it is anything else."""
    before = known.status, known.reason, known.amount_minor, known.respond_by
    known.status, known.reason = found.status, found.reason
    known.amount_minor, known.respond_by = found.amount.amount_minor, found.respond_by
    return before != (known.status, known.reason, known.amount_minor, known.respond_by)


async def _hold(tx: Tx, order: Order, dispute: PaymentDispute) -> None:
    """Holds an order of which something is still to ship. Emits OrderHeld."""
    is_over = dispute.status is DisputeStatus.WON
    if is_over or order.status not in _UNSHIPPED or await find_open_hold(tx, order.id):
        return
    hold = OrderHold(
        id=uuid7(),
        order_id=order.id,
        reason=HoldReason.PAYMENT,
        note="",
        held_by=OPERATOR,
        held_at=tx.now,
    )
    await tx.insert(hold)
    await tx.emit(desk_events.order_held(order, hold), key=order.id)


async def _lock_order(tx: Tx, reference: str) -> Order | None:
    try:
        return await tx.lock(Order, UUID(reference))
    except ValueError:
        return None
