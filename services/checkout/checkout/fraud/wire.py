"""Limits, settings, risks and reviews as messages, and messages as values."""

from collections.abc import Iterator, Sequence
from typing import Final

from chassis.money import Money
from chassis.rpc.wire import EnumCodec, money, timestamp
from checkout.errors.fraud import InvalidFraudLimit, InvalidFraudSettings
from checkout.fraud.model import (
    REVIEW_HOURS,
    Finding,
    FindingKind,
    FraudAction,
    FraudLimit,
    FraudMeasure,
    FraudSettings,
    FraudSignal,
    FraudSubject,
    OrderRisk,
    ReviewStatus,
)
from checkout.orders.model import Order
from checkout.payments.model import Payment
from checkout.payments.signals import CheckResult, RiskLevel
from sojourn.checkout.v1 import fraud_pb2 as pb

REVIEW_STATUSES: Final = EnumCodec(pb.OrderReviewStatus, ReviewStatus)
_ACTIONS: Final = EnumCodec(pb.FraudAction, FraudAction)
_MEASURES: Final = EnumCodec(pb.FraudMeasure, FraudMeasure)
_SUBJECTS: Final = EnumCodec(pb.FraudSubject, FraudSubject)
_KINDS: Final = EnumCodec(pb.FraudFindingKind, FindingKind)
_CHECKS: Final = EnumCodec(pb.CardCheck, CheckResult)
_ACCEPTED: Final = (pb.FRAUD_ACTION_UNSPECIFIED, pb.FRAUD_ACTION_ACCEPT)
_LEVELS: Final = EnumCodec(pb.PaymentRiskLevel, RiskLevel)


def limit_from_proto(message: pb.FraudLimit) -> FraudLimit:
    """Returns the limit of a message. Raises InvalidFraudLimit, UnknownCurrency."""

    def invalid(name: str, problem: str) -> InvalidFraudLimit:
        return InvalidFraudLimit(path=f"limit.{name}", problem=problem)

    if not message.code:
        raise invalid("code", "it is needed")
    if not message.channel.isprintable():
        raise invalid("channel", "no channel code")
    measure, currency, most = _MEASURES.decode(message.measure), "", message.most
    if measure is FraudMeasure.AMOUNT:
        if message.HasField("most") or not message.HasField("amount"):
            raise invalid("amount", "a limit of an amount has an amount, and no most")
        amount = Money.from_proto(message.amount)
        currency, most = amount.currency, amount.amount_minor
        if most <= 0:
            raise invalid("amount", "it is not positive")
    elif message.HasField("amount") or not message.HasField("most"):
        raise invalid("most", "a limit of a number has a most, and no amount")
    return FraudLimit(
        code=message.code,
        measure=measure,
        subject=_SUBJECTS.decode(message.subject),
        hours=message.hours,
        most=most,
        currency=currency,
        channel=message.channel,
        action=_ACTIONS.decode(message.action),
        is_enabled=message.active if message.HasField("active") else True,
    )


def limit_to_proto(limit: FraudLimit) -> pb.FraudLimit:
    is_amount = limit.measure is FraudMeasure.AMOUNT
    return pb.FraudLimit(
        code=limit.code,
        measure=_MEASURES.encode(limit.measure),
        subject=_SUBJECTS.encode(limit.subject),
        hours=limit.hours,
        most=None if is_amount else limit.most,
        amount=money(limit.most, limit.currency) if is_amount else None,
        channel=limit.channel,
        action=_ACTIONS.encode(limit.action),
        active=limit.is_enabled,
        version=limit.version,
    )


def settings_from_proto(
    message: pb.FraudSettings, channel: str, scorers: Sequence[str]
) -> FraudSettings:
    """Returns the settings of a channel. Raises InvalidFraudSettings."""
    review, refuse = (
        getattr(message, name) if message.HasField(name) else None
        for name in ("review_from_score", "refuse_from_score")
    )
    if message.scorer and message.scorer not in scorers:
        raise InvalidFraudSettings(path="settings.scorer", problem="no such scorer is connected")
    if not message.scorer and (review is not None or refuse is not None):
        raise InvalidFraudSettings(path="settings.scorer", problem="scores need a scorer")
    if review is not None and refuse is not None and review > refuse:
        raise InvalidFraudSettings(
            path="settings.refuse_from_score", problem="it is below review_from_score"
        )
    return FraudSettings(
        channel=channel,
        signal_actions={
            signal: _ACTIONS.decode(value)
            for signal in FraudSignal
            if (value := getattr(message, signal)) not in _ACCEPTED
        },
        scorer=message.scorer,
        review_from_score=review,
        refuse_from_score=refuse,
        scorer_fallback=_ACTIONS.decode(message.scorer_fallback or pb.FRAUD_ACTION_ACCEPT),
        review_hours=message.review_hours if message.HasField("review_hours") else REVIEW_HOURS,
    )


def settings_to_proto(settings: FraudSettings) -> pb.FraudSettings:
    found = pb.FraudSettings(
        channel=settings.channel,
        scorer=settings.scorer,
        review_from_score=settings.review_from_score,
        refuse_from_score=settings.refuse_from_score,
        scorer_fallback=_ACTIONS.encode(settings.scorer_fallback),
        review_hours=settings.review_hours,
        version=settings.version,
    )
    for signal in FraudSignal:
        action = settings.signal_actions.get(signal, FraudAction.ACCEPT)
        setattr(found, signal, _ACTIONS.encode(action))
    return found


def risk_to_proto(risk: OrderRisk) -> pb.OrderRisk:
    return pb.OrderRisk(
        decision=_ACTIONS.encode(risk.decision),
        findings=map(finding_to_proto, risk.findings),
        score=risk.score,
        score_reasons=risk.score_reasons,
        review_status=REVIEW_STATUSES.encode(risk.status)
        if risk.status
        else pb.ORDER_REVIEW_STATUS_UNSPECIFIED,
        review_due_at=timestamp(risk.due_at),
    )


def review_to_proto(risk: OrderRisk, order: Order, payments: Sequence[Payment]) -> pb.OrderReview:
    assert risk.status is not None, "a review has a status"
    return pb.OrderReview(
        order_id=str(order.id),
        version=order.version,
        number=order.number or "",
        channel=order.channel_id,
        total=money(order.total_minor, order.currency),
        placed_at=timestamp(order.placed_at),
        status=REVIEW_STATUSES.encode(risk.status),
        findings=map(finding_to_proto, risk.findings),
        score=risk.score,
        score_reasons=risk.score_reasons,
        signals=signals_to_proto(payments),
        due_at=timestamp(risk.due_at),
        decided_by=str(risk.decided_by) if risk.decided_by and risk.decided_by.int else "",
        decided_at=timestamp(risk.decided_at),
    )


def signals_to_proto(payments: Sequence[Payment]) -> Iterator[pb.PaymentSignals]:
    """Yields the signals of payments that have some."""
    for payment in payments:
        if (found := payment.signals) is None:
            continue
        yield pb.PaymentSignals(
            payment_id=str(payment.id),
            risk_level=_LEVELS.encode(found.risk_level)
            if found.risk_level
            else pb.PAYMENT_RISK_LEVEL_UNSPECIFIED,
            risk_score=found.risk_score,
            cvc_check=_check(found.cvc_check),
            address_check=_check(found.address_check),
            postal_code_check=_check(found.postal_code_check),
            card_country=found.card_country,
        )


def finding_to_proto(finding: Finding) -> pb.FraudFinding:
    return pb.FraudFinding(
        kind=_KINDS.encode(finding.kind),
        code=finding.code,
        action=_ACTIONS.encode(finding.action),
        counted=finding.counted,
        most=finding.most,
    )


def _check(result: CheckResult | None) -> pb.CardCheck.ValueType:
    return _CHECKS.encode(result) if result else pb.CARD_CHECK_UNSPECIFIED
