"""Placing an order, from the call that completes a checkout to the placed or refused order.

Three commits place an order:
1. `complete_checkout` inserts the order with its key, its timer and the step `reserve` as begun.
   Gift cards hold their parts in the same commit. Before it nothing has an effect.
2. `record_reservation`: the stock is reserved, and the other four steps are begun together. A buyer
   who loses the race for the last unit never reaches the cart or the provider; a buyer who loses
   the race for a coupon or the cart never reaches the provider. Each step is idempotent by the
   order's id, so that the process that resumes the order runs all four again.
3. `place_order`: the order is paid and its stock taken, and gift cards give what they hold. A
   refusal costs two more: `decide_refusal`, after which no process takes the order forward, and
   `refuse_order`, when every step is undone and gift cards keep what they held.

An order that is screened against fraud has one more before its money is taken: `assess_order`. One
that is to be reviewed is placed and held with its payment authorized (`checkout.fraud.reviews`).

Between the commits `OrderSaga` runs the steps of `steps`. Several processes may advance an order at
once: every commit checks the version of the order, and the process that loses reads the order again
and goes on from there.
"""

import contextlib
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import DomainError, VersionMismatch
from checkout import metrics
from checkout.checkouts.model import EXPIRE_CHECKOUT
from checkout.checkouts.queries import lock_checkout, mark_checkout_completed
from checkout.contact_points import contact_of
from checkout.crashes import crash_point
from checkout.credit_limits.queries import take_credit
from checkout.desk.store import end_hold
from checkout.fraud.model import REVIEW_HOURS, FraudLimit
from checkout.fraud.screen import FraudScreen, admit_order, save_refused_risk
from checkout.fraud.store import open_review
from checkout.gift_cards.pay import (
    capture_gift_cards,
    release_gift_cards,
    reserve_gift_cards,
)
from checkout.legal_entities.directory import LegalEntityDirectory
from checkout.legal_entities.model import IssuesInvoices
from checkout.orders import events
from checkout.orders.model import (
    ADVANCE_ORDER,
    CANCEL_SYNTHETIC_ORDER,
    Actor,
    OrderStatus,
    StepName,
)
from checkout.orders.store import (
    deliver_unsent_lines,
    record_status,
    save_order,
    save_placed_order,
    schedule_documents,
)
from checkout.payments.model import EXPIRE_TRANSFER, PaymentStatus, Settlement
from checkout.payments.refund import give_back_refused
from checkout.placing.draft import draft_order
from checkout.placing.model import Attempt, PlaceOrder
from checkout.placing.queries import find_attempt, find_keyed_order, insert_placement
from checkout.placing.steps import BY_NAME, STEPS, Participants, is_refusal
from checkout.saved_payments.actions import keep_paid_instrument

log = telemetry.log("place_order")
# Attempts to advance an order that other processes advance too.
_RACES: Final = 5
# Interval of the questions to the provider about a waiting order, in case its webhook is lost.
_POLL_SECONDS: Final = 60
# Metadata of refusals that buyers do not see: stock levels and peers.
_PRIVATE: Final = ("available", "peer")


async def complete_checkout(tx: Tx, place: PlaceOrder) -> Attempt | UUID:
    """Inserts an order of the checkout, or returns the id of the existing order.

    The existing order is that of the key, else that of the checkout. Raises CheckoutNotFound,
    KeyReused, CheckoutNotOpen, CheckoutNotReady, ExpectedTotalRequired, PriceChanged,
    GiftCardBalanceChanged, CreditLimitExceeded, and VersionMismatch if the checkout changed after
    its review.
    """
    # The lock serializes calls with the same key, and with other keys for the same checkout.
    checkout = await lock_checkout(tx, place.checkout_id)
    if known := await find_keyed_order(tx, place.key):
        return known
    if checkout.has_order and checkout.order_id:
        insert_placement(tx, place.key, checkout.order_id)
        return checkout.order_id
    checkout.require_open(tx.now)
    if checkout.version != place.version or place.review is None:
        raise VersionMismatch("the checkout changed: read it again")
    place.review.require_ready()
    place.expected.require_met(checkout, place.review)
    attempt = draft_order(checkout, place.review, place.terms, tx.now, place.means)
    order = attempt.order
    if place.caller.acted_by is not None:
        _record_staff(tx, attempt, place.caller)
    checkout.start_order(order.id)
    await reserve_gift_cards(tx, attempt.card_payments)
    if attempt.payment and attempt.payment.credit_limit:
        await take_credit(tx, attempt.payment.credit_limit, attempt.payment.amount_minor)
    tx.deferred.insert(order, *attempt.lines, *attempt.payments)
    tx.deferred.update(checkout)
    attempt.history.append(record_status(tx, order, Actor.BUYER))
    insert_placement(tx, place.key, order.id)
    await timers.schedule(
        tx, ADVANCE_ORDER, str(order.id), tx.now, lease_seconds=place.terms.resume_after_seconds
    )
    return attempt


def _record_staff(tx: Tx, attempt: Attempt, caller: Caller) -> None:
    """Names the member of the staff who places the order in the place of its buyer."""
    order, attempt.actor = attempt.order, Actor.STAFF
    order.placed_by, order.placed_via = contact_of(caller)
    record_audit(
        tx,
        order.placed_by,
        "order.place",
        f"order:{order.id}",
        after={"buyer": caller.name, "via": order.placed_via, "total_minor": order.total_minor},
    )


class OrderSaga:
    """Advances orders through the steps of the saga, forward or back."""

    def __init__(
        self,
        database: Database,
        participants: Participants,
        entities: LegalEntityDirectory,
        screen: FraudScreen,
    ) -> None:
        self._database, self._participants, self._entities = database, participants, entities
        self._screen = screen

    async def advance(
        self, order_id: UUID, attempt: Attempt | None = None, *, actor: Actor = Actor.SYSTEM
    ) -> None:
        """Advances an order until it is placed, refused or waits for its buyer.

        Ignores one that is placed or refused.

        Raises the error that leaves a step in doubt, e.g. Unavailable: advance the order again
        later.
        """
        for _ in range(_RACES):
            if attempt is None:
                async with self._database.read() as read:
                    attempt = await find_attempt(read, order_id, actor)
            if attempt is None:
                return
            try:
                await self._advance(attempt)
            except VersionMismatch:
                # Another process committed first: read what it left.
                attempt = None
            else:
                return
        raise VersionMismatch("other processes advance the order: try again")

    async def on_timer(self, timer: Timer) -> None:
        """Advances an order whose process died, or asks the provider whether its buyer has paid."""
        await self.advance(UUID(timer.key))

    async def _advance(self, attempt: Attempt) -> None:
        if not attempt.order.refusal_reason:
            try:
                await self._run_steps(attempt)
            except DomainError as error:
                if not is_refusal(error):
                    raise
                log.info("order is refused", order_id=str(attempt.order.id), reason=error.reason)
                async with self._database.tx() as tx:
                    await decide_refusal(tx, attempt, error)
            else:
                return
        await self._undo_steps(attempt)

    async def _run_steps(self, attempt: Attempt) -> None:
        # The steps after the first are begun together: a process that resumes the order runs them
        # all again.
        first = 0 if attempt.order.begun is StepName.RESERVE else 1
        for step in STEPS[first:]:
            crash_point(f"before:{step.name}:do")
            with telemetry.span(f"step {step.name}"):
                await step.run(self._participants, attempt)
            crash_point(f"after:{step.name}:do")
            crash_point(f"before:{step.name}:commit")
            if step.name is StepName.RESERVE:
                limits = await self._screen.limits_before_payment(attempt)
                async with self._database.tx() as tx:
                    await record_reservation(tx, attempt, limits)
            if step.name is StepName.AUTHORIZE and attempt.needs_buyer:
                await self._wait_for_buyer(attempt)
                return
            if step.name is StepName.AUTHORIZE:
                await self._screen.assess(attempt)
            if step.name is StepName.CONFIRM:
                await self._place(attempt)
            crash_point(f"after:{step.name}:commit")

    async def _wait_for_buyer(self, attempt: Attempt) -> None:
        was_waiting = attempt.order.status is OrderStatus.ACTION_REQUIRED
        async with self._database.tx() as tx:
            await wait_for_buyer(tx, attempt)
        if not was_waiting:
            metrics.count_payment("requires_action", attempt.order)
            _count_order("action_required", attempt)

    async def _place(self, attempt: Attempt) -> None:
        seller = (await self._entities.current()).of_channel(attempt.order.channel_id)
        issues_invoice = seller is not None and seller.issues_invoices is IssuesInvoices.PAID
        hours = await self._screen.review_hours(attempt.order.channel_id)
        async with self._database.tx() as tx:
            await place_order(tx, attempt, issues_invoice=issues_invoice, review_hours=hours)
        attempt.is_placed = True
        _count_order("placed", attempt)
        order = attempt.order
        telemetry.count(
            metrics.revenue, order.currency, by=order.total_minor, synthetic=order.is_synthetic
        )

    async def refuse_waiting(self, order_id: UUID, refusal: DomainError, *, actor: Actor) -> None:
        """Refuses an order that waits for its buyer, e.g. because the buyer cancels it.

        Ignores an order that does not wait.
        """
        async with self._database.read() as read:
            attempt = await find_attempt(read, order_id, actor)
        if attempt is None or attempt.order.status is not OrderStatus.ACTION_REQUIRED:
            return
        with contextlib.suppress(VersionMismatch):
            if not attempt.order.refusal_reason:
                async with self._database.tx() as tx:
                    await decide_refusal(tx, attempt, refusal)
            await self._undo_steps(attempt)

    async def _undo_steps(self, attempt: Attempt) -> None:
        for step in reversed(STEPS[: BY_NAME[attempt.order.begun] + 1]):
            with telemetry.span(f"undo {step.name}"):
                await step.undo(self._participants, attempt)
        async with self._database.tx() as tx:
            await refuse_order(tx, attempt)
        _count_order("refused", attempt)


async def record_reservation(tx: Tx, attempt: Attempt, limits: Sequence[FraudLimit] = ()) -> None:
    """Records the reservation. From this commit on every step may have had its effect.

    Raises OrderNotAccepted for an order that exceeds a limit against fraud.
    """
    await admit_order(tx, attempt, limits)
    attempt.order.begun = StepName.CONFIRM
    await save_order(tx, attempt.order)


async def wait_for_buyer(tx: Tx, attempt: Attempt) -> None:
    """Lets an order wait for the bank's challenge, at most until its reservation expires.

    Repeated, it only sets the timer again.
    """
    order, payment = attempt.order, attempt.payment
    assert payment is not None
    if order.status is OrderStatus.PENDING:
        order.become(OrderStatus.ACTION_REQUIRED)
        await save_order(tx, order)
        await tx.update(payment)
        record_status(tx, order, attempt.actor)
        checkout = await lock_checkout(tx, order.checkout_id)
        checkout.escalate(payment.action_url)
        await tx.update(checkout)
    due_at = min(tx.now + timedelta(seconds=_POLL_SECONDS), max(order.expires_at, tx.now))
    await timers.schedule(tx, ADVANCE_ORDER, str(order.id), due_at)


async def place_order(
    tx: Tx,
    attempt: Attempt,
    *,
    issues_invoice: bool = False,
    review_hours: int = REVIEW_HOURS,
) -> None:
    """Places an order that is paid, under review, or to be paid later, which gets its number.

    What pays of an order under review is kept until its release. Emits OrderPlaced and OrderHeld.
    With `issues_invoice` a timer of this commit issues its invoice. A synthetic order is cancelled
    by a timer of this commit, and one whose transfer does not come by another.
    """
    order, payment = attempt.order, attempt.payment
    keeps_money = attempt.keeps_money
    order.become(OrderStatus.PLACED)
    order.placed_at = tx.now
    await save_placed_order(tx, order)
    if not keeps_money:
        await capture_gift_cards(tx, attempt.card_payments)
    if payment:
        if payment.settlement is Settlement.TILL:
            payment.pay_at_till(tx.now)
            metrics.count_payment("captured", order)
        payment.token = payment.action_url = ""
        if payment.saves_method and attempt.kept:
            await keep_paid_instrument(tx, payment, attempt.kept)
    for each in attempt.payments:
        tx.deferred.update(each)
    attempt.history.append(record_status(tx, order, attempt.actor))
    mark_checkout_completed(tx, order.checkout_id, order.id)
    await timers.cancel(tx, ADVANCE_ORDER, str(order.id))
    await timers.cancel(tx, EXPIRE_CHECKOUT, str(order.checkout_id))
    is_invoice = payment is not None and payment.settlement is Settlement.INVOICE
    if payment and payment.due_at and not is_invoice:
        await timers.schedule(tx, EXPIRE_TRANSFER, str(order.id), payment.due_at)
    if order.is_synthetic:
        await timers.schedule(tx, CANCEL_SYNTHETIC_ORDER, str(order.id), tx.now)
    await tx.emit(events.order_placed(attempt.view), key=order.id, synthetic=order.is_synthetic)
    if attempt.is_reviewed and attempt.risk:
        await open_review(tx, order, attempt.risk, hours=review_hours)
    if keeps_money:
        return
    if issues_invoice or is_invoice:
        await schedule_documents(tx, order)
    if payment is None or not payment.is_awaited:
        await _deliver_at_once(tx, attempt)


async def _deliver_at_once(tx: Tx, attempt: Attempt) -> None:
    """Delivers the lines of a paid order that are not sent, and with the last one the order."""
    if not await deliver_unsent_lines(tx, attempt.order, attempt.lines):
        return
    if attempt.order.status is OrderStatus.DELIVERED:
        await save_order(tx, attempt.order)
        attempt.history.append(record_status(tx, attempt.order, Actor.SYSTEM))


async def decide_refusal(tx: Tx, attempt: Attempt, refusal: DomainError) -> None:
    """Stores the refusal of an order; from this commit on no process takes it forward."""
    order = attempt.order
    order.refusal_reason = refusal.reason
    order.refusal_metadata = {
        name: value for name, value in refusal.metadata.items() if name not in _PRIVATE
    }
    await save_order(tx, order)
    await save_refused_risk(tx, attempt)


async def refuse_order(tx: Tx, attempt: Attempt) -> None:
    """Refuses an order whose steps are undone, and reopens its checkout. Emits OrderRefused."""
    order, payment = attempt.order, attempt.payment
    order.become(OrderStatus.REFUSED)
    await save_order(tx, order)
    if payment:
        if payment.status in (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION):
            payment.become(PaymentStatus.VOIDED)
        payment.token = payment.action_url = ""
    await release_gift_cards(tx, attempt.card_payments)
    for each in attempt.payments:
        if each.settlement is Settlement.EXCHANGE and each.is_awaited:
            each.become(PaymentStatus.VOIDED)
        await tx.update(each)
    if order.replaces_order_id is not None:
        await end_hold(tx, order.id, None)
        await give_back_refused(tx, order, attempt.payments)
    record_status(tx, order, attempt.actor)
    checkout = await lock_checkout(tx, order.checkout_id)
    if checkout.order_id == order.id:
        checkout.reopen()
        await tx.update(checkout)
        await timers.schedule(tx, EXPIRE_CHECKOUT, str(checkout.id), checkout.expires_at)
    await timers.cancel(tx, ADVANCE_ORDER, str(order.id))
    await tx.emit(events.order_refused(attempt.view), key=order.id, synthetic=order.is_synthetic)


def _count_order(status: str, attempt: Attempt) -> None:
    metrics.count_order(status, attempt.order)
    if attempt.started_at is not None and not attempt.order.is_synthetic:
        metrics.checkout_seconds.observe(time.perf_counter() - attempt.started_at)
