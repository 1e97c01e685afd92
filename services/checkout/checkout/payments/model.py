"""Payments, refunds and received webhooks: tables, states and rules."""

from datetime import datetime
from enum import StrEnum
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Index,
    Text,
    text,
)

from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from checkout.errors.after_sale import RefundExceedsCaptured
from checkout.errors.payments import (
    PaymentOutstanding,
    WrongPaymentStatus,
)
from checkout.payments.signals import PaymentSignals

# Kind of the timer that completes a refund.
REFUND: Final = "refund.carry_out"
# Kind of the timer that asks the provider whether a refund failed; its key is `provider:refund`.
CHECK_REFUND: Final = "payment.check_refund"
# Kind of the timer that looks for money of an order that is over.
CHECK_PAYMENT: Final = "payment.check"
# Kind of the timer that cancels an order whose transfer did not come.
EXPIRE_TRANSFER: Final = "payment.expire"
# Caller of the refunds that the platform starts: those of cancellations.
SYSTEM: Final = "system"


class PaymentStatus(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    PARTIALLY_CAPTURED = "partially_captured"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


TRANSITIONS: Final[dict[PaymentStatus, set[PaymentStatus]]] = {
    PaymentStatus.PENDING: {
        PaymentStatus.REQUIRES_ACTION,
        PaymentStatus.AUTHORIZED,
        PaymentStatus.CAPTURED,
        PaymentStatus.DECLINED,
        PaymentStatus.VOIDED,
    },
    PaymentStatus.REQUIRES_ACTION: {
        PaymentStatus.AUTHORIZED,
        PaymentStatus.CAPTURED,
        PaymentStatus.DECLINED,
        PaymentStatus.VOIDED,
    },
    PaymentStatus.AUTHORIZED: {
        PaymentStatus.CAPTURED,
        PaymentStatus.PARTIALLY_CAPTURED,
        PaymentStatus.VOIDED,
    },
    PaymentStatus.PARTIALLY_CAPTURED: {PaymentStatus.PARTIALLY_CAPTURED, PaymentStatus.CAPTURED},
    PaymentStatus.CAPTURED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED},
    # A refund may fail after the provider accepted it.
    PaymentStatus.PARTIALLY_REFUNDED: {
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
        PaymentStatus.CAPTURED,
    },
    PaymentStatus.DECLINED: set(),
    PaymentStatus.VOIDED: set(),
    PaymentStatus.REFUNDED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.CAPTURED},
}
_BY_CAPTURE: Final = {
    PaymentStatus.CAPTURED,
    PaymentStatus.PARTIALLY_REFUNDED,
    PaymentStatus.REFUNDED,
}


class Settlement(StrEnum):
    """When an order is paid: before it is placed, with its placing at a till, or by what later."""

    NOW = "now"
    TRANSFER = "transfer"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    TILL = "till"
    # By what the refund of a return would give back.
    EXCHANGE = "exchange"


class CapturePoint(StrEnum):
    """When an authorized amount is taken: before the order is placed, or with its shipments."""

    ORDER = "order"
    SHIPMENT = "shipment"


class OrderReason(StrEnum):
    """Reasons for the cancellation or the refund of an order."""

    BUYER_REQUEST = "buyer_request"
    FRAUD = "fraud"
    OUT_OF_STOCK = "out_of_stock"
    OTHER = "other"


def _partial(name: str, *columns: str, where: LiteralString, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, postgresql_where=text(where))


class Payment(Row, table=True):
    """A payment of an order.

    Amounts are minor units of `currency`; `refunding_minor` is the sum of pending refunds, and
    `credited_minor` the part of `refunded_minor` that its provider keeps: it went on store credit,
    or pays a replacement.

    `method_id` is the code of the shop's method, `provider_method` the provider's id of it: empty
    in payments of older releases, where they are the same. `token` is the provider's token of the
    buyer's instrument; it is dropped when the order is placed or refused.

    One that is settled later stays pending while its order is placed. That of a transfer or an
    invoice has a `reference` for it, which the payer writes, and the time `due_at` until which it
    is awaited; what is paid by invoice ships before that. `captured_at` is when its money came.
    One at the till is paid in the commit that places its order; its `provider_payment_id` is the
    reference of the terminal or of the receipt.
    One with a saved method, or that saves its instrument for `provider_customer`, the provider's id
    of the buyer, says so: a repeat asks the provider the same.
    One that is taken at shipment stays authorized while its order is placed. `capturing_minor` is
    the sum of its captures that are pending, `captures_parts` says whether the provider takes it
    in parts.
    One by exchange waits for a return: it takes over a part of the payment `source_payment_id`.
    One by gift card is authorized from the insert of its order on: no provider is asked.
    """

    __tablename__ = "payment"
    __table_args__ = (
        states("status", PaymentStatus),
        states("settlement", Settlement),
        states("capture_at", CapturePoint),
        CheckConstraint("amount_minor > 0"),
        CheckConstraint(
            "capturing_minor >= 0 AND captured_minor + capturing_minor <= amount_minor",
            name="payment_capturing_check",
        ),
        CheckConstraint("refunded_minor >= 0 AND refunding_minor >= 0"),
        CheckConstraint(
            "refunded_minor + refunding_minor <= captured_minor AND captured_minor <= amount_minor"
        ),
        CheckConstraint("credited_minor BETWEEN 0 AND refunded_minor"),
        Index("payment_order", "order_id"),
        Index("payment_status", "status", "method_id", "order_id"),
        _partial("payment_captured", "captured_at", "id", where="captured_at IS NOT NULL"),
        _partial(
            "payment_awaited", "due_at", "id", where="status = 'pending' AND due_at IS NOT NULL"
        ),
        _partial("payment_reference", "reference", where="reference IS NOT NULL", unique=True),
        _partial(
            "payment_on_credit",
            "credit_limit",
            where="credit_limit IS NOT NULL AND status = 'pending'",
        ),
        _partial("payment_card", "card_fingerprint", "created_at", where="card_fingerprint <> ''"),
        _partial(
            "payment_held",
            "authorization_expires_at",
            "id",
            where="capture_at = 'shipment' AND status IN ('authorized', 'partially_captured')",
        ),
        _partial(
            "payment_held_by_card",
            "created_at",
            where="gift_card_id IS NOT NULL AND status = 'authorized'",
        ),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    order_id: UUID = Field(foreign_key="orders.id")
    provider: str
    method_id: str
    status: PaymentStatus = code(PaymentStatus, default=PaymentStatus.PENDING)
    currency: str
    amount_minor: int = minor()
    captured_minor: int = minor(default=0)
    refunding_minor: int = minor(default=0)
    refunded_minor: int = minor(default=0)
    provider_payment_id: str = ""
    action_url: str = Field(default="", repr=False)
    decline_code: str = ""
    token: str = Field(default="", repr=False)
    return_url: str = column(Text, default="", server_default="''", repr=False)
    provider_method: str = column(Text, default="", server_default="''")
    settlement: Settlement = code(Settlement, default=Settlement.NOW, server_default="'now'")
    reference: str | None = None
    instructions: str = column(Text, default="", server_default="''")
    due_at: datetime | None = None
    captured_at: datetime | None = None
    # Code of the limit that a payment by invoice is on.
    credit_limit: str | None = None
    gift_card_id: UUID | None = Field(default=None, foreign_key="gift_card.id")
    gift_card_ending: str = column(Text, default="", server_default="''")
    # What the provider says against fraud; None where it says nothing.
    signals: PaymentSignals | None = document(PaymentSignals | None, default=None)
    # The provider's name for the card, the same for each payment with it.
    card_fingerprint: str = column(Text, default="", server_default="''", repr=False)
    saved_payment_method_id: UUID | None = None
    provider_customer: str = column(Text, default="", server_default="''", repr=False)
    saves_method: bool = column(Boolean, default=False, server_default="false")
    is_off_session: bool = column(Boolean, default=False, server_default="false")
    capture_at: CapturePoint = code(
        CapturePoint, default=CapturePoint.ORDER, server_default="'order'"
    )
    captures_parts: bool = column(Boolean, default=False, server_default="false")
    capturing_minor: int = column(BigInteger, default=0, server_default="0")
    authorization_expires_at: datetime | None = None
    created_at: datetime
    credited_minor: int = minor(default=0, server_default="0")
    source_payment_id: UUID | None = Field(default=None, foreign_key="payment.id")

    @property
    def is_settled_later(self) -> bool:
        """Whether no provider is asked for its money before the order is placed."""
        return self.settlement is not Settlement.NOW

    @property
    def is_awaited(self) -> bool:
        """Whether the money of a placed order is still to come."""
        return self.is_settled_later and self.status is PaymentStatus.PENDING

    def pay_at_till(self, now: datetime) -> None:
        """Records that the buyer paid at the till, under the reference that its token is."""
        self.become(PaymentStatus.CAPTURED)
        self.captured_minor, self.captured_at = self.amount_minor, now
        self.provider_payment_id = self.token

    @property
    def is_held(self) -> bool:
        """Whether the bank keeps an amount of it that is to be taken with a shipment."""
        return self.capture_at is CapturePoint.SHIPMENT and self.status in (
            PaymentStatus.AUTHORIZED,
            PaymentStatus.PARTIALLY_CAPTURED,
        )

    @property
    def uncaptured_minor(self) -> int:
        """The authorized amount without captures, done or pending; 0 if it is not held."""
        return self.amount_minor - self.captured_minor - self.capturing_minor if self.is_held else 0

    @property
    def committed_minor(self) -> int:
        """The amount that the buyer need not pay any more: taken, or kept for shipments."""
        return self.amount_minor if self.is_held else self.captured_minor

    def record_capture(self, amount_minor: int) -> None:
        """Counts a part as taken."""
        self.captured_minor += amount_minor
        self.become(PaymentStatus.PARTIALLY_CAPTURED)

    def end_captures(self) -> None:
        """Ends a payment of which all that is owed is taken."""
        self.become(PaymentStatus.CAPTURED)
        if self.refunded_minor:
            self._count_refunds()

    def require_shippable(self) -> None:
        """Raises PaymentOutstanding while the transfer has not come."""
        if self.is_awaited and self.settlement is Settlement.TRANSFER:
            raise PaymentOutstanding(reference=self.reference, due_at=self.due_at)

    @property
    def refundable_minor(self) -> int:
        """The captured amount without completed and pending refunds."""
        return self.captured_minor - self.refunded_minor - self.refunding_minor

    def become(self, status: PaymentStatus) -> None:
        """Raises WrongPaymentStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongPaymentStatus(
                f"the payment is {self.status}", status=self.status, wanted=status
            )
        self.status = status

    def apply_provider_status(
        self, status: PaymentStatus, *, captured_minor: int = 0, refunded_minor: int = 0
    ) -> None:
        """Applies the provider's status.

        A refund implies the capture before it. Raises WrongPaymentStatus.
        """
        if status in _BY_CAPTURE and self.status not in _BY_CAPTURE:
            self.become(PaymentStatus.CAPTURED)
        if status is not self.status:
            self.become(status)
        self.captured_minor, self.refunded_minor = captured_minor, refunded_minor

    def start_refund(self, amount_minor: int) -> None:
        """Sets an amount aside for a refund. Raises RefundExceedsCaptured."""
        if amount_minor > self.refundable_minor:
            raise RefundExceedsCaptured(
                refundable_minor=self.refundable_minor, currency=self.currency
            )
        self.refunding_minor += amount_minor

    def complete_refund(self, amount_minor: int) -> None:
        """Counts a pending refund as done."""
        self.refunding_minor -= amount_minor
        self.refunded_minor += amount_minor
        if self.status is not PaymentStatus.PARTIALLY_CAPTURED:
            self._count_refunds()

    def _count_refunds(self) -> None:
        self.become(
            PaymentStatus.REFUNDED
            if self.refunded_minor == self.captured_minor
            else PaymentStatus.PARTIALLY_REFUNDED
        )

    def reopen_refund(self, amount_minor: int) -> None:
        """Sets a refund aside again that failed after it was counted as done."""
        self.refunded_minor -= amount_minor
        self.refunding_minor += amount_minor
        if self.status is PaymentStatus.PARTIALLY_CAPTURED:
            return
        is_partial = self.refunded_minor > 0
        self.become(PaymentStatus.PARTIALLY_REFUNDED if is_partial else PaymentStatus.CAPTURED)

    def fail_refund(self, amount_minor: int) -> None:
        """Returns the amount of a pending refund to what can be refunded."""
        self.refunding_minor -= amount_minor


class ReceivedWebhook(Row, table=True):
    """A webhook that was accepted: the provider delivers at least once.

    `received_at` is real time.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (Index("webhook_event_received_at", "received_at"),)

    provider: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    received_at: datetime
