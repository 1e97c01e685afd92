"""Limits and settings against fraud, the risk of an order, and its review: tables and rules."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, text

from chassis.data.rows import Code, Field, Row, code, column, counter, document, states
from checkout.errors.fraud import OrderReviewClosed
from checkout.payments.signals import CheckResult, PaymentSignals, RiskLevel

# Kinds of the timers of a review.
COMPLETE_REVIEW: Final = "review.complete"
EXPIRE_REVIEW: Final = "review.expire"
# Of all limits, above which each order would feel them.
MOST_LIMITS: Final = 100
MOST_HOURS: Final = 720
# Card networks let an authorization lapse after 7 days, some after 5:
# https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
MOST_REVIEW_HOURS: Final = 144
REVIEW_HOURS: Final = 72


class FraudAction(StrEnum):
    """Actions on an order; of several the strictest counts."""

    ACCEPT = "accept"
    REVIEW = "review"
    REFUSE = "refuse"

    @property
    def severity(self) -> int:
        """Higher is stricter."""
        return list(FraudAction).index(self)


class FraudMeasure(StrEnum):
    """Measures that a limit bounds."""

    ORDERS = "orders"
    DECLINED_PAYMENTS = "declined_payments"
    AMOUNT = "amount"


class FraudSubject(StrEnum):
    """Properties that orders share, by which a limit counts."""

    CUSTOMER = "customer"
    EMAIL = "email"
    ADDRESS = "address"
    CARD = "card"


class FraudSignal(StrEnum):
    """Signals of payment providers that settings have an action for."""

    ELEVATED_RISK = "elevated_risk"
    HIGHEST_RISK = "highest_risk"
    CVC_FAILED = "cvc_failed"
    ADDRESS_FAILED = "address_failed"
    POSTAL_CODE_FAILED = "postal_code_failed"
    COUNTRY_MISMATCH = "country_mismatch"


class FindingKind(StrEnum):
    """Sources of a finding."""

    LIMIT = "limit"
    SIGNAL = "signal"
    SCORE = "score"
    SCORER_UNAVAILABLE = "scorer_unavailable"


class ReviewStatus(StrEnum):
    """States of a review. `releasing` waits for the money, `failed` did not get it."""

    OPEN = "open"
    RELEASING = "releasing"
    RELEASED = "released"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDECIDED: Final = (ReviewStatus.OPEN, ReviewStatus.RELEASING)


class FraudLimit(Row, table=True):
    """A limit on orders of one customer, e-mail address, address or card in some hours.

    `most` counts orders or declined payments, or is an amount in minor units of `currency`. An
    empty `channel` is each: then orders of all channels count.
    """

    __tablename__ = "fraud_limit"
    __table_args__ = (
        states("measure", FraudMeasure),
        states("subject", FraudSubject),
        states("action", FraudAction),
        CheckConstraint("hours > 0"),
        CheckConstraint("most > 0"),
        CheckConstraint("(measure = 'amount') = (currency <> '')"),
    )

    code: str = Field(primary_key=True)
    measure: FraudMeasure = column(Code(FraudMeasure))
    subject: FraudSubject = column(Code(FraudSubject))
    hours: int = column(Integer)
    most: int = counter()
    currency: str
    channel: str
    action: FraudAction = column(Code(FraudAction))
    is_enabled: bool
    version: int = counter(default=1)

    def applies_to(self, channel: str, currency: str) -> bool:
        """Returns whether the limit is for orders of a channel in a currency."""
        return (
            self.is_enabled
            and self.channel in ("", channel)
            and (self.measure is not FraudMeasure.AMOUNT or self.currency == currency)
        )

    def count_with(self, before: int, amount_minor: int) -> int:
        """Returns what is counted with an order of an amount, after what was `before`.

        Its payment counts as one that may be declined.
        """
        return before + (amount_minor if self.measure is FraudMeasure.AMOUNT else 1)


class FraudSettings(Row, table=True):
    """Actions on signals and scores in a channel, and the time that a review may take.

    `signal_actions` are by FraudSignal; without one a signal is accepted. A score from
    `refuse_from_score` on is refused, from `review_from_score` on reviewed; None is never.
    """

    __tablename__ = "fraud_settings"
    __table_args__ = (
        states("scorer_fallback", FraudAction),
        CheckConstraint("review_hours > 0"),
    )

    channel: str = Field(primary_key=True)
    signal_actions: dict[FraudSignal, FraudAction] = document(dict[FraudSignal, FraudAction])
    scorer: str
    review_from_score: int | None = column(Integer, default=None, nullable=True)
    refuse_from_score: int | None = column(Integer, default=None, nullable=True)
    scorer_fallback: FraudAction = code(FraudAction)
    review_hours: int = column(Integer)
    version: int = counter(default=1)

    @property
    def is_idle(self) -> bool:
        """Whether it accepts whatever comes."""
        return not self.scorer and not any(
            action is not FraudAction.ACCEPT for action in self.signal_actions.values()
        )

    def action_of_score(self, score: int) -> FraudAction:
        """Returns the action on a score."""
        if self.refuse_from_score is not None and score >= self.refuse_from_score:
            return FraudAction.REFUSE
        if self.review_from_score is not None and score >= self.review_from_score:
            return FraudAction.REVIEW
        return FraudAction.ACCEPT


class FraudRevision(Row, table=True):
    """The number of the last change of limits or settings, which every process follows."""

    __tablename__ = "fraud_revision"
    __table_args__ = (CheckConstraint("is_only"),)

    is_only: bool = Field(primary_key=True)
    number: int = counter()
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason against an order.

    `code` is that of the limit, the signal, or the scorer. A limit has what it counted, this order
    included, and what it allows; a score is `counted`.
    """

    kind: FindingKind
    code: str
    action: FraudAction
    counted: int = 0
    most: int = 0


class OrderRisk(Row, table=True):
    """The risk of an order that is screened, and its review.

    The row is there once something was found or decided. `assessed_at` is the time of the decision,
    which is stored before the money is taken; None before. A `status` of None is no review.
    """

    __tablename__ = "order_risk"
    __table_args__ = (
        states("decision", FraudAction),
        states("status", ReviewStatus),
        Index(
            "order_risk_undecided",
            "order_id",
            postgresql_where=text("status IN ('open', 'releasing')"),
        ),
        Index(
            "order_risk_status", "status", "order_id", postgresql_where=text("status IS NOT NULL")
        ),
    )

    order_id: UUID = Field(primary_key=True, foreign_key="orders.id")
    version: int = counter(default=1)
    channel_id: str
    decision: FraudAction = code(FraudAction, default=FraudAction.ACCEPT)
    findings: list[Finding] = document(list[Finding], default_factory=list)
    score: int | None = column(Integer, default=None, nullable=True)
    score_reasons: list[str] = document(list[str], default_factory=list)
    assessed_at: datetime | None = None
    status: ReviewStatus | None = column(Code(ReviewStatus), default=None, nullable=True)
    due_at: datetime | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None

    @property
    def is_undecided(self) -> bool:
        """Whether its review is open, or waits for the money."""
        return self.status in UNDECIDED

    def add(self, findings: Iterable[Finding]) -> None:
        """Adds findings, each once; the strictest action is the decision."""
        self.findings = [*dict.fromkeys([*self.findings, *findings])]
        self.decision = strictest(self.findings)

    def decide(self, status: ReviewStatus, decided_by: UUID | None, now: datetime) -> None:
        """Decides an open review. Raises OrderReviewClosed."""
        if self.status is not ReviewStatus.OPEN:
            raise OrderReviewClosed(order_id=self.order_id, review_status=self.status)
        self.status, self.decided_by, self.decided_at = status, decided_by, now


def strictest(findings: Sequence[Finding]) -> FraudAction:
    """Returns the strictest action of findings."""
    actions = [each.action for each in findings]
    return max(actions, key=lambda each: each.severity, default=FraudAction.ACCEPT)


def find_signals(signals: PaymentSignals, billing_country: str) -> Iterator[FraudSignal]:
    """Yields what the signals of a payment say against it."""
    match signals.risk_level:
        case RiskLevel.ELEVATED:
            yield FraudSignal.ELEVATED_RISK
        case RiskLevel.HIGHEST:
            yield FraudSignal.HIGHEST_RISK
        case RiskLevel.NORMAL | None:
            pass
    if signals.cvc_check is CheckResult.FAIL:
        yield FraudSignal.CVC_FAILED
    if signals.address_check is CheckResult.FAIL:
        yield FraudSignal.ADDRESS_FAILED
    if signals.postal_code_check is CheckResult.FAIL:
        yield FraudSignal.POSTAL_CODE_FAILED
    if signals.card_country and billing_country and signals.card_country != billing_country:
        yield FraudSignal.COUNTRY_MISMATCH


@dataclass(frozen=True, slots=True)
class FraudTable:
    """Limits and settings as a process has them."""

    limits: tuple[FraudLimit, ...] = ()
    settings: tuple[FraudSettings, ...] = ()
    revision: int = 0

    def limits_of(
        self, channel: str, currency: str, subjects: Sequence[FraudSubject]
    ) -> list[FraudLimit]:
        """Returns the limits for an order by one of the subjects."""
        return [
            each
            for each in self.limits
            if each.subject in subjects and each.applies_to(channel, currency)
        ]

    def settings_of(self, channel: str) -> FraudSettings:
        """Returns what holds in a channel."""
        found = next((each for each in self.settings if each.channel == channel), None)
        return found or no_settings(channel)


def no_settings(channel: str) -> FraudSettings:
    """Returns what holds where staff have set nothing: whatever comes is accepted."""
    return FraudSettings(
        channel=channel,
        signal_actions={},
        scorer="",
        scorer_fallback=FraudAction.ACCEPT,
        review_hours=REVIEW_HOURS,
        version=0,
    )
