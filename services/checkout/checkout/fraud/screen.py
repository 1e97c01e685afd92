"""Screening of an order: before its payment is asked for, and before its money is taken.

A decision is stored before the capture, in a commit that bumps the version of the order: of two
processes that advance one order, one decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.money import Money
from checkout import metrics
from checkout.crashes import crash_point
from checkout.errors.checkouts import OrderNotAccepted
from checkout.fraud.directory import FraudDirectory
from checkout.fraud.model import (
    Finding,
    FindingKind,
    FraudAction,
    FraudLimit,
    FraudSettings,
    OrderRisk,
    find_signals,
)
from checkout.fraud.scorer import Score, ScoreRequest
from checkout.fraud.scoring import FraudScores
from checkout.fraud.velocity import BEFORE_PAYMENT, OF_PAYMENT, find_exceeded
from checkout.orders.model import Order
from checkout.orders.store import save_order
from checkout.payments.model import PaymentStatus, Settlement
from checkout.placing.model import Attempt


@dataclass(frozen=True, slots=True)
class Assessment:
    """Limits to count for an order, and what was found without a transaction."""

    limits: Sequence[FraudLimit]
    findings: Sequence[Finding]
    score: Score | None = None


class FraudScreen:
    """Screens orders by the limits, the settings and the scorer of their channel."""

    def __init__(self, database: Database, directory: FraudDirectory, scores: FraudScores) -> None:
        self._database, self._directory, self._scores = database, directory, scores

    async def limits_before_payment(self, attempt: Attempt) -> list[FraudLimit]:
        """Returns the limits that admit an order. Ask without a connection out."""
        if _is_exempt(attempt):
            return []
        table, order = await self._directory.current(), attempt.order
        return table.limits_of(order.channel_id, order.currency, BEFORE_PAYMENT)

    async def assess(self, attempt: Attempt) -> None:
        """Decides whether the money of an order is taken now, after a review, or never.

        Raises OrderNotAccepted, VersionMismatch.
        """
        assessment = await self._prepare(attempt)
        if assessment is None:
            return
        crash_point("before:assess:commit")
        try:
            async with self._database.tx() as tx:
                await assess_order(tx, attempt, assessment)
        except BaseException:
            # No money is taken before a decision is stored.
            if attempt.risk is not None:
                attempt.risk.assessed_at = None
            raise
        crash_point("after:assess:commit")
        if attempt.risk is not None:
            metrics.fraud_decisions.labels(attempt.risk.decision).inc()

    async def _prepare(self, attempt: Attempt) -> Assessment | None:
        """Returns what is to be decided before the money is taken; None where nothing is.

        An order whose money was taken was accepted. Ask without a connection out.
        """
        payment, order, risk = attempt.payment, attempt.order, attempt.risk
        if _is_exempt(attempt) or (risk and risk.assessed_at):
            return None
        if payment and payment.status is PaymentStatus.CAPTURED:
            return None
        table = await self._directory.current()
        limits = table.limits_of(order.channel_id, order.currency, OF_PAYMENT)
        settings = table.settings_of(order.channel_id)
        if settings.is_idle and not (limits and payment) and not (risk and risk.findings):
            return None
        findings = _findings_of_signals(attempt, settings)
        score = None
        if settings.scorer:
            known = [*(risk.findings if risk else ()), *findings]
            request = _score_request(attempt, tuple(each.code for each in known))
            score, found = await self._scores.find(settings, request)
            findings += found
        return Assessment(limits if payment else [], findings, score)

    async def review_hours(self, channel: str) -> int:
        """Returns how long a review may take. Ask without a connection out."""
        return (await self._directory.current()).settings_of(channel).review_hours


async def admit_order(tx: Tx, attempt: Attempt, limits: Sequence[FraudLimit]) -> None:
    """Counts an order before its payment; the caller writes the order in this transaction.

    What is found stays for the assessment. Raises OrderNotAccepted.
    """
    if found := await find_exceeded(tx, limits, attempt.order, attempt.payment):
        risk = _found(attempt, found)
        _require_accepted(risk)
        await tx.insert(risk)


async def assess_order(tx: Tx, attempt: Attempt, assessment: Assessment) -> None:
    """Decides on an order whose payment is authorized, and stores the decision with its card.

    Raises OrderNotAccepted, VersionMismatch.
    """
    payment = attempt.payment
    exceeded = await find_exceeded(tx, assessment.limits, attempt.order, payment)
    risk = _found(attempt, [*assessment.findings, *exceeded])
    if assessment.score:
        risk.score, risk.score_reasons = assessment.score.value, [*assessment.score.reasons]
    _require_accepted(risk)
    risk.assessed_at = tx.now
    if not attempt.payments and risk.decision is FraudAction.REVIEW:
        # Nothing is paid: there is no money to wait for.
        risk.decision = FraudAction.ACCEPT
    await save_order(tx, attempt.order)
    if not await tx.insert_new(risk):
        await tx.update(risk)
    if payment:
        await tx.update(payment)


async def save_refused_risk(tx: Tx, attempt: Attempt) -> None:
    """Stores what was found against an order that is refused for it."""
    risk = attempt.risk
    if risk is None or risk.decision is not FraudAction.REFUSE or risk.assessed_at:
        return
    risk.assessed_at = tx.now
    if not await tx.insert_new(risk):
        await tx.update(risk)
    metrics.fraud_decisions.labels(risk.decision).inc()


def _found(attempt: Attempt, findings: Sequence[Finding]) -> OrderRisk:
    """Returns the risk of an order with more findings."""
    order = attempt.order
    if attempt.risk is None:
        attempt.risk = OrderRisk(order_id=order.id, channel_id=order.channel_id)
    attempt.risk.add(findings)
    return attempt.risk


def _require_accepted(risk: OrderRisk) -> None:
    if risk.decision is FraudAction.REFUSE:
        raise OrderNotAccepted


def _is_exempt(attempt: Attempt) -> bool:
    """Returns whether an order is of a synthetic shopper, paid at the till, or a replacement."""
    payment = attempt.payment
    at_till = payment is not None and payment.settlement is Settlement.TILL
    is_replacement = attempt.order.replaces_order_id is not None
    return attempt.order.is_synthetic or at_till or is_replacement


def _findings_of_signals(attempt: Attempt, settings: FraudSettings) -> list[Finding]:
    """Returns the signals of the payment that settings do not accept."""
    payment = attempt.payment
    if payment is None or payment.signals is None:
        return []
    country = _billing_address(attempt.order).get("address_country", "")
    actions = settings.signal_actions
    return [
        Finding(FindingKind.SIGNAL, each, actions[each])
        for each in find_signals(payment.signals, country)
        if actions.get(each, FraudAction.ACCEPT) is not FraudAction.ACCEPT
    ]


def _billing_address(order: Order) -> dict[str, str]:
    return order.billing_address or order.delivery_address


def _score_request(attempt: Attempt, findings: tuple[str, ...]) -> ScoreRequest:
    order, payment = attempt.order, attempt.payment
    return ScoreRequest(
        order_id=order.id,
        customer_id=order.owner_id,
        channel=order.channel_id,
        total=Money(order.total_minor, order.currency),
        payment_method=payment.method_id if payment else "",
        signals=payment.signals if payment else None,
        findings=findings,
        email=order.email,
        delivery_address=order.delivery_address,
        billing_address=_billing_address(order),
        card_fingerprint=payment.card_fingerprint if payment else "",
    )
