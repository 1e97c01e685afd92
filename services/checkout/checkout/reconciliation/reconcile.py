"""Reconciliation: resumes stuck orders, and undoes payments and reservations without one."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data import isolation
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.money import Money
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import real_now
from chassis.runtime.loops import run_periodically
from checkout import metrics
from checkout.fraud.queries import find_undecided
from checkout.gift_cards.pay import settle_gift_cards
from checkout.gift_cards.queries import find_held_payments
from checkout.orders.cancel import Cancellations
from checkout.orders.model import PAID, Order, OrderStatus
from checkout.orders.queries import find_order_ids, find_orders, find_stuck_orders
from checkout.payments.model import PaymentStatus
from checkout.payments.provider import PaymentProvider, ProviderPayment
from checkout.payments.queries import find_payments, find_stuck_refunds
from checkout.payments.refund import Refunds
from checkout.placing.place_order import OrderSaga
from checkout.placing.steps import Participants
from checkout.reconciliation.model import Findings
from checkout.reconciliation.queries import find_cursor, store_cursor, take_lease

log = telemetry.log("reconciling")
_PAGE: Final = 500
_LOOP: Final = isolation.Loop("reconciler")
# Orders in these may have money at the provider and reserved stock.
_LIVE: Final = (OrderStatus.PENDING, OrderStatus.ACTION_REQUIRED, OrderStatus.CANCELLING, *PAID)


@dataclass(frozen=True, slots=True)
class Completions:
    """The processes that complete what a crash interrupted, and watches over money at risk."""

    saga: OrderSaga
    refunds: Refunds
    cancellations: Cancellations
    watches: Sequence[Callable[[], Awaitable[None]]] = ()


class Reconciler:
    """Finds what crashes and lost replies left.

    Anything younger than `after_seconds` is left to its own timers.

    An account at the provider belongs to one installation: a payment is undone if its reference is
    an unknown order id.
    """

    def __init__(
        self, database: Database, participants: Participants, completions: Completions
    ) -> None:
        self._database, self._participants, self._completions = database, participants, completions

    async def run(self, *, every_seconds: float, after_seconds: float) -> None:
        """Reconciles periodically until cancelled, on one replica at a time."""

        async def reconcile() -> None:
            async with self._database.tx() as tx:
                is_mine = await take_lease(
                    tx, self._participants.providers.main.name, max(every_seconds * 0.9, 0.05)
                )
            if is_mine:
                await self.reconcile(after_seconds=after_seconds)

        await run_periodically(
            reconcile, every_seconds=every_seconds, name="reconciling", waits_first=True
        )

    async def reconcile(self, *, after_seconds: float) -> Findings:
        """Runs once. Idempotent and safe to run concurrently."""
        found = Findings()
        await self._resume_stuck(found, after_seconds)
        main, *others = self._participants.providers.all
        await self._undo_strays(main, found, after_seconds)
        for other in others:
            # An unavailable simulator does not hide the findings of the main provider.
            with _log_failure("provider", other.name):
                await self._undo_strays(other, found, after_seconds)
        await self._release_reservations(found, after_seconds)
        await self._settle_gift_cards(found, after_seconds)
        for watch in self._completions.watches:
            await watch()
        metrics.paid_without_order.set(found.unmended)
        metrics.reconciler_last_success.set(real_now().timestamp())
        return found

    async def on_timer(self, timer: Timer) -> None:
        """Undoes the payments of an order that is over."""
        for provider in self._participants.providers.all:
            await self._undo_stray(provider, UUID(timer.key))

    async def _resume_stuck(self, found: Findings, after_seconds: float) -> None:
        async with self._database.read() as read:
            before = read.now - timedelta(seconds=after_seconds)
            stuck = await find_stuck_orders(read, before)
            refunds = await find_stuck_refunds(read, before)
        for order in stuck:
            found.stuck_orders += 1
            metrics.reconciler_findings.labels("stuck_order").inc()
            with _log_failure("order", order.id):
                if order.status is OrderStatus.CANCELLING:
                    await self._completions.cancellations.complete(order.id)
                else:
                    await self._completions.saga.advance(order.id)
        for refund in refunds:
            metrics.reconciler_findings.labels("stuck_refund").inc()
            with _log_failure("refund", refund.id):
                await self._completions.refunds.complete(refund.id)

    async def _undo_strays(
        self, provider: PaymentProvider, found: Findings, after_seconds: float
    ) -> None:
        """Reads the ledger from the stored cursor on, and undoes payments without an order."""
        async with self._database.read() as read:
            cursor = await find_cursor(read, provider.name)
        stored, is_clear, checked = cursor, True, set[UUID]()
        until = real_now() - timedelta(seconds=after_seconds)
        while movements := await provider.movements(after=cursor, limit=_PAGE):
            async with self._database.read() as read:
                ids = [id for each in movements if (id := _order_id(each.reference))]
                orders, existing = await find_orders(read, ids), await find_order_ids(read, ids)
            for movement in movements:
                if movement.at > until:
                    break
                id, cursor = _order_id(movement.reference), movement.cursor
                if id and id not in checked:
                    checked.add(id)
                    # The money of an order whose row cannot be decoded stays for staff to check.
                    is_unreadable = id in existing and id not in orders
                    is_clear &= not is_unreadable and await self._is_right(
                        provider, id, orders.get(id), found
                    )
                # The next run reads unsettled entries again; they do not hide later ones from this
                # run.
                stored = cursor if is_clear else stored
            if len(movements) < _PAGE or movements[-1].cursor != cursor:
                break
        async with self._database.tx() as tx:
            await store_cursor(tx, provider.name, stored)

    async def _is_right(
        self, provider: PaymentProvider, order_id: UUID, order: Order | None, found: Findings
    ) -> bool:
        """Returns whether the provider's money for an order is right and the order is settled."""
        if order is not None and _is_live(order):
            return order.is_settled
        return await self._find_stray(provider, order_id, found)

    async def _find_stray(self, provider: PaymentProvider, order_id: UUID, found: Findings) -> bool:
        """Undoes the payments of an order. Returns whether none is left at the provider."""
        try:
            found.paid_without_order += await self._undo_stray(provider, order_id)
        except Exception as error:
            found.paid_without_order += 1
            found.unmended += 1
            reason = getattr(error, "reason", "")
            log.error(
                "a payment without an order could not be undone",
                order_id=str(order_id),
                reason=reason,
                exc_info=error,
            )
            if not isinstance(error, DomainError) and isolation.is_of_a_row(error):
                _LOOP.skip(f"payment/{order_id}", error)
            return False
        return True

    async def _undo_stray(self, provider: PaymentProvider, order_id: UUID) -> int:
        """Voids and refunds the payments of an order that is over or unknown.

        Returns their count.
        """
        async with self._database.read() as read:
            if _is_live(await read.get(Order, order_id)):
                return 0
            payments = await find_payments(read, [order_id])
        credited = {each.provider_payment_id: each.credited_minor for each in payments}
        strays = [
            each
            for each in await provider.of_reference(str(order_id))
            if _has_money(each, credited)
        ]
        for stray in strays:
            log.error("payment without an order", order_id=str(order_id), status=stray.status)
            metrics.reconciler_findings.labels("paid_without_order").inc()
            await _undo(provider, stray, credited.get(stray.id, 0))
        return len(strays)

    async def _release_reservations(self, found: Findings, after_seconds: float) -> None:
        before = self._participants.clock.now() - timedelta(seconds=after_seconds)
        held = await self._participants.stock.held_before(before, limit=_PAGE)
        async with self._database.read() as read:
            orders, existing = await find_orders(read, held), await find_order_ids(read, held)
        for order_id in held:
            if _is_live(orders.get(order_id)) or (order_id in existing and order_id not in orders):
                continue
            found.reservations_without_order += 1
            metrics.reconciler_findings.labels("reservation_without_order").inc()
            log.warning("reservation without an order", order_id=str(order_id))
            with _log_failure("reservation", order_id):
                await self._participants.stock.release(order_id)

    async def _settle_gift_cards(self, found: Findings, after_seconds: float) -> None:
        """Ends what cards hold for orders that are placed or refused.

        The orders do that in their own commits: only a release that knows no gift cards, which
        took an order over during an upgrade, leaves something.
        """
        async with self._database.read() as read:
            before = read.now - timedelta(seconds=after_seconds)
            held = await find_held_payments(read, limit=_PAGE)
            orders = await find_orders(read, [each.order_id for each in held])
            reviewed = await find_undecided(read, list(orders))
        for payment in held:
            order = orders.get(payment.order_id)
            if order is None or payment.created_at > before or not order.is_settled:
                continue
            if order.id in reviewed:
                # What is kept for a review waits for its release.
                continue
            found.held_gift_cards += 1
            metrics.reconciler_findings.labels("held_gift_card").inc()
            with _log_failure("gift card payment", payment.id):
                async with self._database.tx() as tx:
                    await settle_gift_cards(tx, order.id)


@contextlib.contextmanager
def _log_failure(kind: str, subject: UUID | str) -> Iterator[None]:
    """Logs an error and goes on with the next subject.

    The next run tries again; a row that cannot be decoded is listed as skipped.
    """
    try:
        yield
    except DomainError as error:
        log.warning(
            "not mended", kind=kind, about=str(subject), reason=error.reason, exc_info=error
        )
    except Exception as error:
        log.error("not mended", kind=kind, about=str(subject), exc_info=error)
        if isolation.is_of_a_row(error):
            _LOOP.skip(f"{kind}/{subject}", error)


async def _undo(provider: PaymentProvider, stray: ProviderPayment, credited_minor: int) -> None:
    """Gives back what the provider has of a payment, but for what went on store credit."""
    left = stray.net_minor - credited_minor
    if stray.status in (PaymentStatus.AUTHORIZED, PaymentStatus.REQUIRES_ACTION):
        await provider.void(stray.id, key=f"{stray.id}:stray")
    if not stray.net_minor:
        return
    # The amount is part of the key: a refund of another amount is another refund.
    await provider.refund(
        stray.id,
        amount=Money(left, stray.currency),
        key=f"{stray.id}:stray:{left}",
    )


def _order_id(reference: str) -> UUID | None:
    """Returns None for a reference of another system that uses the same account."""
    try:
        return UUID(reference)
    except ValueError:
        return None


def _is_live(order: Order | None) -> bool:
    return order is not None and order.status in _LIVE


def _has_money(payment: ProviderPayment, credited: Mapping[str, int]) -> bool:
    """Returns whether the provider has more of a payment than what went on store credit."""
    return payment.net_minor > credited.get(payment.id, 0) or payment.status in (
        PaymentStatus.AUTHORIZED,
        PaymentStatus.REQUIRES_ACTION,
    )
