"""Advancing an order: running the steps of its saga, forward or back, and committing what came of them.

Any number of processes may advance one order at once: steps are idempotent, every commit checks the order's version, and a loser
reads the order anew and goes on from there.
"""

import contextlib
import time
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.rpc.errors import DomainError, VersionMismatch
from checkout import crashes as crashing
from checkout import metrics
from checkout.orders import model as orders
from checkout.orders.model import UNPLACED, Actor, Order, OrderStatus, StepName
from checkout.payments import model as payments
from checkout.payments.model import PaymentStatus
from checkout.placing import place_order as placing
from checkout.placing.place_order import Attempt
from checkout.placing.steps import BY_NAME, STEPS, Parties, is_refusal

log = telemetry.log("advancing")
_RACES: Final = 5


class Saga:
    """Takes orders as far as they go."""

    def __init__(self, database: Database, parties: Parties) -> None:
        self._database, self._parties = database, parties

    async def advance(self, order_id: UUID, attempt: Attempt | None = None, *, actor: Actor = Actor.SYSTEM) -> None:
        """Takes an order to its end or to where it needs its buyer; one that is there already is left alone.

        Raises whatever leaves a step in doubt, e.g. Unavailable: then advance again later.
        """
        for _ in range(_RACES):
            attempt = attempt or await self._load(order_id, actor)
            if attempt is None:
                return
            try:
                await self._advance(attempt)
            except VersionMismatch:
                # Somebody else was faster.
                attempt = None
            else:
                return
        raise VersionMismatch("others advance this order too")

    async def on_timer(self, timer: Timer) -> None:
        """Resumes an order whose caller died, or looks whether its buyer is back."""
        await self.advance(UUID(timer.key))

    async def give_up(self, order_id: UUID, refusal: DomainError, *, actor: Actor) -> None:
        """Refuses an order that waits for its buyer; one that does not wait, or not any more, is left alone."""
        attempt = await self._load(order_id, actor)
        if attempt is None or attempt.order.status is not OrderStatus.ACTION_REQUIRED:
            return
        with contextlib.suppress(VersionMismatch):
            if not attempt.order.refusal_reason:
                async with self._database.tx() as tx:
                    await placing.decide(tx, attempt, refusal)
            await self._undo(attempt)

    async def _load(self, order_id: UUID, actor: Actor) -> Attempt | None:
        async with self._database.read() as read:
            order = await read.get(Order, order_id)
            if order is None or order.status not in UNPLACED:
                return None
            return Attempt(order, await orders.lines_of(read, [order_id]), await payments.of_order(read, order_id), actor)

    async def _advance(self, attempt: Attempt) -> None:
        if not attempt.order.refusal_reason:
            try:
                await self._forward(attempt)
            except DomainError as error:
                if not is_refusal(error):
                    raise
                log.info("order is refused", order_id=str(attempt.order.id), reason=error.reason)
                async with self._database.tx() as tx:
                    await placing.decide(tx, attempt, error)
            else:
                return
        await self._undo(attempt)

    async def _forward(self, attempt: Attempt) -> None:
        # Beyond the first step all are begun together: whoever resumes runs them all again.
        first = 0 if attempt.order.begun is StepName.RESERVE else 1
        for step in STEPS[first:]:
            crashing.point(f"before:{step.name}:do")
            with telemetry.span(f"step {step.name}"):
                await step.do(self._parties, attempt)
            crashing.point(f"after:{step.name}:do")
            crashing.point(f"before:{step.name}:commit")
            if step.name is StepName.RESERVE:
                async with self._database.tx() as tx:
                    await placing.go_on(tx, attempt)
            if step.name is StepName.AUTHORIZE and _needs_buyer(attempt):
                await self._wait(attempt)
                return
            if step.name is StepName.CONFIRM:
                async with self._database.tx() as tx:
                    await placing.place(tx, attempt)
                attempt.is_placed = True
                self._count(attempt, "placed")
                order = attempt.order
                telemetry.count(metrics.revenue, order.currency, by=order.total_minor, synthetic=order.is_synthetic)
            crashing.point(f"after:{step.name}:commit")

    async def _wait(self, attempt: Attempt) -> None:
        was_waiting = attempt.order.status is OrderStatus.ACTION_REQUIRED
        async with self._database.tx() as tx:
            await placing.wait_for_buyer(tx, attempt)
        if not was_waiting:
            metrics.count_payment("requires_action", attempt.order)
            self._count(attempt, "action_required")

    async def _undo(self, attempt: Attempt) -> None:
        for step in reversed(STEPS[: BY_NAME[attempt.order.begun] + 1]):
            with telemetry.span(f"undo {step.name}"):
                await step.undo(self._parties, attempt)
        async with self._database.tx() as tx:
            await placing.refuse(tx, attempt)
        self._count(attempt, "refused")

    def _count(self, attempt: Attempt, status: str) -> None:
        metrics.count_order(status, attempt.order)
        if attempt.began_at is not None and not attempt.order.is_synthetic:
            metrics.checkout_seconds.observe(time.perf_counter() - attempt.began_at)


def _needs_buyer(attempt: Attempt) -> bool:
    return attempt.payment is not None and attempt.payment.status in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PENDING)
