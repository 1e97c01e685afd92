"""The input of a completion, the order in progress, and the stored idempotency keys."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.data.rows import Field, Row
from chassis.money import Money
from chassis.rpc.auth import ANONYMOUS, Caller
from chassis.rpc.errors import VersionMismatch
from checkout.checkouts.model import Checkout
from checkout.checkouts.review import Review
from checkout.errors.checkouts import ExpectedTotalRequired, PriceChanged
from checkout.errors.gift_cards import GiftCardBalanceChanged
from checkout.fraud.model import FraudAction, OrderRisk
from checkout.idempotency import IdempotencyKey
from checkout.loyalty.model import EarningTerms
from checkout.orders.model import Actor, Order, OrderEvent, OrderLine
from checkout.orders.view import OrderView
from checkout.payments.model import Payment, PaymentStatus, Settlement
from checkout.payments.vaults.instrument import Instrument
from checkout.saved_payments.model import NO_MEANS, PaymentMeans


class Placement(Row, table=True):
    """The order of a CompleteCheckout key.

    It is stored in place of a reply, because an order changes after its call.
    """

    __tablename__ = "placement"

    caller: str = Field(primary_key=True)
    idempotency_key: str = Field(primary_key=True)
    fingerprint: bytes
    order_id: UUID = Field(foreign_key="orders.id")
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Expectation:
    """The total that the buyer saw, the version that showed it (0 for none), or both.

    `due` is what they saw as left after the gift cards; None for what the last change showed.
    """

    total: Money | None = None
    version: int = 0
    due: Money | None = None

    def require_stated(self) -> None:
        """Raises ExpectedTotalRequired."""
        if self.total is None and not self.version:
            raise ExpectedTotalRequired(
                "send expected_total, or If-Match with the ETag of the checkout that the buyer saw"
            )

    def require_met(self, checkout: Checkout, review: Review) -> None:
        """Raises VersionMismatch, ExpectedTotalRequired, PriceChanged with the present total.

        Raises GiftCardBalanceChanged if the cards leave another amount to the payment method.
        """
        if self.version and self.version != checkout.version:
            raise VersionMismatch("the checkout changed since the buyer saw it: show it again")
        total = Money(review.totals.total_minor, review.totals.currency)
        if self.total is None and checkout.reviewed_total_minor is None:
            raise ExpectedTotalRequired(
                "this version of the checkout is of an earlier release: send expected_total"
            )
        if (self.total or Money(checkout.reviewed_total_minor or 0, total.currency)) != total:
            raise PriceChanged(total_minor=total.amount_minor, currency=total.currency)
        due = Money(review.due_minor, total.currency)
        shown = checkout.reviewed_due_minor if review.gift_cards else due.amount_minor
        if (self.due or Money(shown or 0, due.currency)) != due:
            raise GiftCardBalanceChanged(
                "the gift cards pay another part now: show the checkout again",
                due_minor=due.amount_minor,
                currency=due.currency,
            )


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """Settings of the shop for an order.

    The reservation and the wait for a transfer last in business time, the lease of the timer in
    real time. `earns` is what a buyer earns who has an account.
    """

    reservation_seconds: int
    resume_after_seconds: float
    order_prefix: str = "S"
    transfer_days: int = 14
    earns: EarningTerms | None = None


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """A call of CompleteCheckout.

    `review` is the checkout priced at `version`; None if it had an order then. `caller` is the
    buyer, or the member of the staff in their place. `means` is what the payment method is charged
    with.
    """

    key: IdempotencyKey
    checkout_id: UUID
    version: int
    review: Review | None
    expected: Expectation
    terms: OrderTerms = field(repr=False)
    caller: Caller = ANONYMOUS
    means: PaymentMeans = NO_MEANS


@dataclass(slots=True)
class Attempt:
    """An order in progress, as one process sees it.

    `started_at` is the `time.perf_counter()` of the call that created the order; only then
    `history` is complete. `is_placed` means that the order was committed as placed in this state.
    `kept` is the instrument that the provider has saved with the payment.
    """

    order: Order
    lines: list[OrderLine]
    payments: list[Payment]
    actor: Actor = Actor.SYSTEM
    started_at: float | None = None
    history: list[OrderEvent] = field(default_factory=list)
    is_placed: bool = False
    risk: OrderRisk | None = None
    kept: Instrument | None = None

    @property
    def is_reviewed(self) -> bool:
        """Whether the order is placed under review."""
        risk = self.risk
        return risk is not None and bool(risk.assessed_at) and risk.decision is FraudAction.REVIEW

    @property
    def keeps_money(self) -> bool:
        """Whether a review decides if the money is taken: it is authorized until then.

        What is paid later is paid apart from the review.
        """
        payment = self.payment
        return self.is_reviewed and (payment is None or payment.status is PaymentStatus.AUTHORIZED)

    @property
    def payment(self) -> Payment | None:
        """The payment with the chosen method; None if gift cards pay all, or nothing is due.

        Of a replacement it is what the buyer is asked for, if anything.
        """
        chosen = [each for each in self.payments if each.gift_card_id is None]
        return min(chosen, key=lambda each: each.settlement is Settlement.EXCHANGE, default=None)

    @property
    def card_payments(self) -> list[Payment]:
        """The payments by gift card."""
        return [each for each in self.payments if each.gift_card_id is not None]

    @property
    def needs_buyer(self) -> bool:
        """Whether the payment waits for the buyer or the bank."""
        return (
            self.payment is not None
            and not self.payment.is_settled_later
            and self.payment.status in (PaymentStatus.REQUIRES_ACTION, PaymentStatus.PENDING)
        )

    @property
    def view(self) -> OrderView:
        return OrderView(self.order, self.lines, self.payments, history=self.history)
