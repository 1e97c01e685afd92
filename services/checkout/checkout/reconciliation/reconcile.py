"""Reconciling: what is stuck is resumed, and what the provider or catalog holds for no live order is given back."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Interval, bindparam, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.timers import Timer
from chassis.money import Money
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from checkout import metrics
from checkout.orders import model as orders
from checkout.orders.cancel import Cancellations
from checkout.orders.model import PAID, Order, OrderStatus
from checkout.payments import model as payments
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import PaymentProvider, ProviderPayment
from checkout.payments.refund import Refunds
from checkout.payments.webhooks import ReceivedWebhook
from checkout.placing.advance import Saga
from checkout.placing.steps import Parties

log = telemetry.log("reconciling")
_PAGE: Final = 500
_LOOP: Final = isolation.Loop("reconciler")
# Orders that may have money at the provider, and stock held at catalog.
_LIVE: Final = (OrderStatus.PENDING, OrderStatus.ACTION_REQUIRED, OrderStatus.CANCELLING, *PAID)


# For as long as a provider may repeat a webhook.
_WEBHOOKS_KEPT: Final = timedelta(days=9)


class Reconciliation(Row, table=True):
    """How far a provider's ledger was read. The lease lets one replica read it at a time."""

    __tablename__ = "reconciliation"

    provider: str = Field(primary_key=True)
    cursor: str
    leased_until: datetime


_lease = insert(Reconciliation).values(
    provider=bindparam("provider"), cursor="", leased_until=func.clock_timestamp() + bindparam("leased_for", type_=Interval())
)
_LEASE: Final = prepare(
    _lease.on_conflict_do_update(
        index_elements=["provider"],
        set_={"leased_until": _lease.excluded.leased_until},
        where=Reconciliation.leased_until <= func.clock_timestamp(),
    )
)


@dataclass(slots=True)
class Findings:
    """What a run found. `unmended` are payments without an order that could not be undone."""

    stuck_orders: int = 0
    paid_without_order: int = 0
    reservations_without_order: int = 0
    unmended: int = 0


class Reconciler:
    """Looks for what crashes and lost answers may have left. Whatever is younger than `after_seconds` is left to its own timers.

    An account at the provider belongs to one installation: a payment whose reference is an order id that is not ours is given back.
    """

    def __init__(self, database: Database, parties: Parties, saga: Saga, refunds: Refunds, cancellations: Cancellations) -> None:
        self._database, self._parties = database, parties
        self._saga, self._refunds, self._cancellations = saga, refunds, cancellations

    async def run(self, *, every_seconds: float, after_seconds: float) -> None:
        """Reconciles until cancelled, one replica at a time."""

        async def reconcile() -> None:
            if await self._lease(every_seconds):
                await self.reconcile(after_seconds=after_seconds)

        await run_periodically(reconcile, every_seconds=every_seconds, name="reconciling", waits_first=True)

    async def reconcile(self, *, after_seconds: float) -> Findings:
        """One whole run. Idempotent, and safe to run twice at once."""
        found = Findings()
        await self._resume_stuck(found, after_seconds)
        main, *others = self._parties.providers.all
        await self._undo_strays(main, found, after_seconds)
        for other in others:
            # A simulator that is away hides nothing of what is paid.
            with _left_alone("provider", other.name):
                await self._undo_strays(other, found, after_seconds)
        await self._release_reservations(found, after_seconds)
        metrics.paid_without_order.set(found.unmended)
        metrics.reconciler_last_success.set(real_now().timestamp())
        return found

    async def on_timer(self, timer: Timer) -> None:
        """Looks at the money of one order that is over."""
        for provider in self._parties.providers.all:
            await self._undo_stray(provider, UUID(timer.key))

    async def _lease(self, seconds: float) -> bool:
        async with self._database.tx() as tx:
            taken = await tx.execute(
                _LEASE, provider=self._parties.providers.main.name, leased_for=timedelta(seconds=max(seconds * 0.9, 0.05))
            )
        return taken == 1

    async def _resume_stuck(self, found: Findings, after_seconds: float) -> None:
        async with self._database.read() as read:
            before = read.now - timedelta(seconds=after_seconds)
            stuck = await orders.stuck_since(read, before)
            refunds = await payments.pending_refunds_since(read, before)
        for order in stuck:
            found.stuck_orders += 1
            metrics.reconciler_findings.labels("stuck_order").inc()
            with _left_alone("order", order.id):
                if order.status is OrderStatus.CANCELLING:
                    await self._cancellations.carry_out(order.id)
                else:
                    await self._saga.advance(order.id)
        for refund in refunds:
            metrics.reconciler_findings.labels("stuck_refund").inc()
            with _left_alone("refund", refund.id):
                await self._refunds.carry_out(refund.id)

    async def _undo_strays(self, provider: PaymentProvider, found: Findings, after_seconds: float) -> None:
        """Reads the provider's ledger on from where the last run stopped, up to what is too young or not decided yet."""
        cursor = await self._cursor(provider)
        kept, is_clear, looked_at = cursor, True, set[UUID]()
        until = real_now() - timedelta(seconds=after_seconds)
        while movements := await provider.movements(after=cursor, limit=_PAGE):
            async with self._database.read() as read:
                asked = [id for each in movements if (id := _order_id(each.reference))]
                known, there = await orders.with_ids(read, asked), await orders.existing(read, asked)
            for movement in movements:
                if movement.at > until:
                    break
                id, cursor = _order_id(movement.reference), movement.cursor
                if id and id not in looked_at:
                    looked_at.add(id)
                    # Money of an order that is there and cannot be read stays where it is, for people to look at.
                    is_unreadable = id in there and id not in known
                    is_clear &= not is_unreadable and await self._is_right(provider, id, known.get(id), found)
                # What is open now is read again by the next run, and does not hide what comes after it.
                kept = cursor if is_clear else kept
            if len(movements) < _PAGE or movements[-1].cursor != cursor:
                break
        await self._keep_cursor(provider, kept)

    async def _is_right(self, provider: PaymentProvider, order_id: UUID, order: Order | None, found: Findings) -> bool:
        """Whether the provider's money for an order is as it shall be, for good as far as can be told."""
        if order is not None and _is_live(order):
            return order.is_settled
        return await self._find_stray(provider, order_id, found)

    async def _find_stray(self, provider: PaymentProvider, order_id: UUID, found: Findings) -> bool:
        """Whether nothing of the order's money is left at the provider now."""
        try:
            found.paid_without_order += await self._undo_stray(provider, order_id)
        except Exception as error:
            found.paid_without_order += 1
            found.unmended += 1
            reason = getattr(error, "reason", "")
            log.error("a payment without an order could not be undone", order_id=str(order_id), reason=reason, exc_info=error)
            if not isinstance(error, DomainError) and isolation.is_of_a_row(error):
                _LOOP.skip(f"payment/{order_id}", error)
            return False
        return True

    async def _undo_stray(self, provider: PaymentProvider, order_id: UUID) -> int:
        """Voids and refunds what the provider has for an order that is over or unknown. Returns how many payments that were."""
        async with self._database.read() as read:
            if _is_live(await read.get(Order, order_id)):
                return 0
        strays = [each for each in await provider.of_reference(str(order_id)) if _has_money(each)]
        for stray in strays:
            log.error("payment without an order", order_id=str(order_id), status=stray.status)
            metrics.reconciler_findings.labels("paid_without_order").inc()
            await _undo(provider, stray)
        return len(strays)

    async def _release_reservations(self, found: Findings, after_seconds: float) -> None:
        before = self._parties.clock.now() - timedelta(seconds=after_seconds)
        held = await self._parties.stock.held_before(before, limit=_PAGE)
        async with self._database.read() as read:
            known, there = await orders.with_ids(read, held), await orders.existing(read, held)
        for order_id in held:
            if _is_live(known.get(order_id)) or (order_id in there and order_id not in known):
                continue
            found.reservations_without_order += 1
            metrics.reconciler_findings.labels("reservation_without_order").inc()
            log.warning("reservation without an order", order_id=str(order_id))
            with _left_alone("reservation", order_id):
                await self._parties.stock.release(order_id)

    async def _cursor(self, provider: PaymentProvider) -> str:
        async with self._database.read() as read:
            row = await read.get(Reconciliation, provider.name)
        return row.cursor if row else ""

    async def _keep_cursor(self, provider: PaymentProvider, cursor: str) -> None:
        async with self._database.tx() as tx:
            row = Reconciliation(provider=provider.name, cursor=cursor, leased_until=real_now())
            await tx.upsert_many(Reconciliation, [row], update=["cursor"])
            # Keys and webhooks are remembered for as long as their senders may repeat them.
            await tx.execute(delete(ReceivedWebhook).where(col(ReceivedWebhook.received_at) < real_now() - _WEBHOOKS_KEPT))


@contextlib.contextmanager
def _left_alone(kind: str, about: UUID | str) -> Iterator[None]:
    """Logs what could not be mended this time, so that the next is looked at. What cannot be read is listed as a skipped row."""
    try:
        yield
    except DomainError as error:
        log.warning("not mended", kind=kind, about=str(about), reason=error.reason, exc_info=error)
    except Exception as error:
        log.error("not mended", kind=kind, about=str(about), exc_info=error)
        if isolation.is_of_a_row(error):
            _LOOP.skip(f"{kind}/{about}", error)


async def _undo(provider: PaymentProvider, stray: ProviderPayment) -> None:
    if not stray.captured_minor:
        await provider.void(stray.id, key=f"{stray.id}:stray")
        return
    # The amount is part of the key: another rest is another refund.
    await provider.refund(stray.id, amount=Money(stray.net_minor, stray.currency), key=f"{stray.id}:stray:{stray.net_minor}")


def _order_id(reference: str) -> UUID | None:
    """None for what is not one of our references: another system may use the same account."""
    try:
        return UUID(reference)
    except ValueError:
        return None


def _is_live(order: Order | None) -> bool:
    return order is not None and order.status in _LIVE


def _has_money(payment: ProviderPayment) -> bool:
    return payment.net_minor > 0 or payment.status in (PaymentStatus.AUTHORIZED, PaymentStatus.REQUIRES_ACTION)
