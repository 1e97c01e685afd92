"""Payments, refunds and received webhooks: tables, states and rules."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, UniqueConstraint, text

from chassis.data.rows import Field, Row, code, column, counter, minor, states
from chassis.money import Money
from checkout.errors import (
    CardDataRefused,
    InvalidPaymentToken,
    InvalidReturnUrl,
    PaymentOutstanding,
    RefundExceedsCaptured,
    WrongPaymentStatus,
)
from checkout.idempotency import IdempotencyKey

# Kind of the timer that completes a refund.
REFUND: Final = "refund.carry_out"
# Kind of the timer that looks for money of an order that is over.
CHECK_PAYMENT: Final = "payment.check"
# Kind of the timer that cancels an order whose transfer did not come.
EXPIRE_TRANSFER: Final = "payment.expire"
# Caller of the refunds that the platform starts: those of cancellations.
SYSTEM: Final = "system"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_\-]{3,200}")
_UNSAFE_IN_URL: Final = re.compile(r"[\s\\<>\"']")
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DIGITS: Final = re.compile(r"\d{12,}")
# A card number has at most 19 digits (ISO/IEC 7812); none in use has fewer than 12.
_LONGEST_PAN: Final = 19


class PaymentStatus(StrEnum):
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
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
    PaymentStatus.AUTHORIZED: {PaymentStatus.CAPTURED, PaymentStatus.VOIDED},
    PaymentStatus.CAPTURED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED},
    PaymentStatus.PARTIALLY_REFUNDED: {PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED},
    PaymentStatus.DECLINED: set(),
    PaymentStatus.VOIDED: set(),
    PaymentStatus.REFUNDED: set(),
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


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class OrderReason(StrEnum):
    """Reasons for the cancellation or the refund of an order."""

    BUYER_REQUEST = "buyer_request"
    FRAUD = "fraud"
    OUT_OF_STOCK = "out_of_stock"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund of an order. Without an amount: all that is left.

    It may be that of a cancellation of lines, or of a return.
    """

    order_id: UUID
    amount: Money | None
    reason: OrderReason
    key: IdempotencyKey
    cancellation_id: UUID | None = None
    return_id: UUID | None = None


class Payment(Row, table=True):
    """A payment of an order.

    Amounts are minor units of `currency`; `refunding_minor` is the sum of pending refunds.

    `method_id` is the code of the shop's method, `provider_method` the provider's id of it: empty
    in payments of older releases, where they are the same. `token` is the provider's token of the
    buyer's instrument; it is dropped when the order is placed or refused.

    One that is settled later stays pending while its order is placed. That of a transfer or an
    invoice has a `reference` for it, which the payer writes, and the time `due_at` until which it
    is awaited; what is paid by invoice ships before that. `captured_at` is when its money came.
    One at the till is paid in the commit that places its order; its `provider_payment_id` is the
    reference of the terminal or of the receipt.
    One by gift card is authorized from the insert of its order on: no provider is asked.
    """

    __tablename__ = "payment"
    __table_args__ = (
        states("status", PaymentStatus),
        states("settlement", Settlement),
        CheckConstraint("amount_minor > 0"),
        CheckConstraint("refunded_minor >= 0 AND refunding_minor >= 0"),
        CheckConstraint(
            "refunded_minor + refunding_minor <= captured_minor AND captured_minor <= amount_minor"
        ),
        Index("payment_order", "order_id"),
        Index("payment_status", "status", "method_id", "order_id"),
        Index(
            "payment_captured",
            "captured_at",
            "id",
            postgresql_where=text("captured_at IS NOT NULL"),
        ),
        Index(
            "payment_reference",
            "reference",
            unique=True,
            postgresql_where=text("reference IS NOT NULL"),
        ),
        Index(
            "payment_on_credit",
            "credit_limit",
            postgresql_where=text("credit_limit IS NOT NULL AND status = 'pending'"),
        ),
        Index(
            "payment_held_by_card",
            "created_at",
            postgresql_where=text("gift_card_id IS NOT NULL AND status = 'authorized'"),
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
    created_at: datetime

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
        self.become(
            PaymentStatus.REFUNDED
            if self.refunded_minor == self.captured_minor
            else PaymentStatus.PARTIALLY_REFUNDED
        )

    def fail_refund(self, amount_minor: int) -> None:
        """Returns the amount of a pending refund to what can be refunded."""
        self.refunding_minor -= amount_minor


class Refund(Row, table=True):
    """A refund of a payment.

    Its id is the idempotency key at the provider; `idempotency_key` is that of the RefundOrder
    call. A call refunds several payments by refunds with one key, numbered by `part`.
    """

    __tablename__ = "refund"
    __table_args__ = (
        states("status", RefundStatus),
        CheckConstraint("amount_minor > 0"),
        UniqueConstraint("caller", "idempotency_key", "part"),
        Index("refund_order", "order_id"),
        Index(
            "refund_refunded", "refunded_at", "id", postgresql_where=text("refunded_at IS NOT NULL")
        ),
        Index("refund_pending", "created_at", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = Field(primary_key=True)
    order_id: UUID = Field(foreign_key="orders.id")
    payment_id: UUID = Field(foreign_key="payment.id")
    caller: str
    idempotency_key: str
    fingerprint: bytes
    status: RefundStatus = code(RefundStatus, default=RefundStatus.PENDING)
    currency: str
    amount_minor: int = minor()
    reason: OrderReason = code(OrderReason)
    created_at: datetime
    refunded_at: datetime | None = None
    part: int = column(Integer, default=0, server_default="0")
    cancellation_id: UUID | None = Field(default=None, foreign_key="order_cancellation.id")
    return_id: UUID | None = Field(default=None, foreign_key="order_return.id")


class ReceivedWebhook(Row, table=True):
    """A webhook that was accepted: the provider delivers at least once.

    `received_at` is real time.
    """

    __tablename__ = "webhook_event"
    __table_args__ = (Index("webhook_event_received_at", "received_at"),)

    provider: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    received_at: datetime


def accept_return_url(url: str) -> str:
    """Returns the URL of a page to which the buyer's bank may lead back.

    It is absolute and https, or http on this machine, for development; it names no user. An empty
    one leads nowhere. Raises InvalidReturnUrl.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidReturnUrl from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    is_plain = url.isascii() and url.isprintable() and not _UNSAFE_IN_URL.search(url)
    if url and not (host and is_safe and is_plain and "@" not in parts.netloc):
        raise InvalidReturnUrl
    return url


def accept_token(token: str) -> str:
    """Returns the token.

    Raises InvalidPaymentToken, or CardDataRefused for a card number (ISO/IEC 7812 length and Luhn
    digit).
    """
    if looks_like_card_number(token):
        raise CardDataRefused
    if not _TOKEN.fullmatch(token):
        raise InvalidPaymentToken
    return token


def looks_like_card_number(text: str) -> bool:
    """Returns whether `text` holds a card number, also one with separators.

    12 to 19 digits alone always count as one.
    """
    packed = re.sub(r"[\s_.\-]", "", text)
    if packed.isdecimal() and 12 <= len(packed) <= _LONGEST_PAN:
        return True
    return any(len(run) <= _LONGEST_PAN and _has_luhn_digit(run) for run in _DIGITS.findall(packed))


def _has_luhn_digit(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
