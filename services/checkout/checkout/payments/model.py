"""What buyers pay, and what they get back."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, text
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, code, counter, minor, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read
from checkout.errors import CardDataRefused, InvalidPaymentToken, RefundExceedsCaptured, WrongPaymentStatus

_LOOP: Final = Loop("refunds")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_\-]{3,200}")
_DIGITS: Final = re.compile(r"\d{12,}")
# ISO/IEC 7812: a card number has at most 19 digits; none in use has fewer than 12.
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
_BY_CAPTURE: Final = {PaymentStatus.CAPTURED, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED}


class RefundStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Reason(StrEnum):
    """Why an order is cancelled or money given back."""

    BUYER_REQUEST = "buyer_request"
    FRAUD = "fraud"
    OUT_OF_STOCK = "out_of_stock"
    OTHER = "other"


class Payment(Row, table=True):
    """One payment of an order. Amounts are minor units of `currency`; `refunding_minor` is promised back and not confirmed yet.

    `token` is the provider's for the buyer's instrument; it is dropped as soon as the order is placed or refused.
    """

    __tablename__ = "payment"
    __table_args__ = (
        states("status", PaymentStatus),
        CheckConstraint("amount_minor > 0"),
        CheckConstraint("refunded_minor >= 0 AND refunding_minor >= 0"),
        CheckConstraint("refunded_minor + refunding_minor <= captured_minor AND captured_minor <= amount_minor"),
        Index("payment_order", "order_id"),
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
    created_at: datetime

    @property
    def refundable_minor(self) -> int:
        """What was taken and neither given back nor promised."""
        return self.captured_minor - self.refunded_minor - self.refunding_minor

    def become(self, status: PaymentStatus) -> None:
        """Raises WrongPaymentStatus if the transition is not in TRANSITIONS."""
        if status not in TRANSITIONS[self.status]:
            raise WrongPaymentStatus(f"the payment is {self.status}", status=self.status, wanted=status)
        self.status = status

    def follow(self, status: PaymentStatus, *, captured_minor: int = 0, refunded_minor: int = 0) -> None:
        """Takes over the provider's truth, through the capture that lies on the way to a refund."""
        if status in _BY_CAPTURE and self.status not in _BY_CAPTURE:
            self.become(PaymentStatus.CAPTURED)
        if status is not self.status:
            self.become(status)
        self.captured_minor, self.refunded_minor = captured_minor, refunded_minor

    def promise(self, amount_minor: int) -> None:
        """Sets an amount aside to be given back. Raises RefundExceedsCaptured."""
        if amount_minor > self.refundable_minor:
            raise RefundExceedsCaptured(refundable_minor=self.refundable_minor, currency=self.currency)
        self.refunding_minor += amount_minor

    def give_back(self, amount_minor: int) -> None:
        """The provider confirmed a promised amount."""
        self.refunding_minor -= amount_minor
        self.refunded_minor += amount_minor
        self.become(PaymentStatus.REFUNDED if self.refunded_minor == self.captured_minor else PaymentStatus.PARTIALLY_REFUNDED)

    def keep(self, amount_minor: int) -> None:
        """The provider refused to give a promised amount back."""
        self.refunding_minor -= amount_minor


class Refund(Row, table=True):
    """Money given back. Its id is the provider's idempotency key; `idempotency_key` is that of the call that asked for it."""

    __tablename__ = "refund"
    __table_args__ = (
        states("status", RefundStatus),
        CheckConstraint("amount_minor > 0"),
        UniqueConstraint("caller", "idempotency_key"),
        Index("refund_order", "order_id"),
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
    reason: Reason = code(Reason)
    created_at: datetime
    refunded_at: datetime | None = None


_OF_ORDERS: Final = prepare(select(Payment).where(one_of(Payment.order_id, "order_ids")).order_by(col(Payment.order_id), col(Payment.id)))
_OF_ORDER: Final = prepare(select(Payment).where(Payment.order_id == bindparam("order_id")).order_by(col(Payment.id)).limit(1))
_REFUND_BY_KEY: Final = prepare(select(Refund).where(Refund.caller == bindparam("caller"), Refund.idempotency_key == bindparam("key")))
_IS_PENDING: Final = text("status = 'pending'")


def accept_token(token: str) -> str:
    """The token. Raises InvalidPaymentToken, or CardDataRefused for what looks like a card number (ISO/IEC 7812 length and Luhn digit)."""
    if looks_like_card_number(token):
        raise CardDataRefused
    if not _TOKEN.fullmatch(token):
        raise InvalidPaymentToken
    return token


def looks_like_card_number(text: str) -> bool:
    """Whether there is a card number in `text`, also with spaces, dashes or underscores in it. A text of digits alone always counts."""
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


async def of_orders(read: Read, order_ids: Sequence[UUID]) -> list[Payment]:
    return await read.all(_OF_ORDERS, order_ids=list(order_ids))


async def of_order(read: Read, order_id: UUID) -> Payment | None:
    """The order's payment; None where it cost nothing."""
    return await read.one(_OF_ORDER, order_id=order_id)


async def refund_by_key(read: Read, *, caller: str, key: str) -> Refund | None:
    return await read.one(_REFUND_BY_KEY, caller=caller, key=key)


async def pending_refunds_since(read: Read, moment: datetime, *, limit: int = 100) -> list[Refund]:
    query = select(Refund).where(_IS_PENDING, Refund.created_at < moment).order_by(col(Refund.created_at)).limit(limit)
    return await find_readable(read, Refund, query, loop=_LOOP)


async def pending_refunds_of(read: Read, order_id: UUID) -> list[Refund]:
    return await read.all(select(Refund).where(_IS_PENDING, Refund.order_id == order_id).order_by(col(Refund.id)))
