"""Gift cards and store credit, their entries, and the settings of channels for them.

The store credit of a customer in a currency is a card without a code that only they pay with.

What is on a card is the sum of its entries. What orders hold of it until they are placed is
`reserved_minor`, the sum of its authorized payments.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, UniqueConstraint, text

from chassis.data.rows import Field, Row, code, column, counter, document, minor, states
from chassis.money import Money
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.errors.gift_cards import GiftCardBalanceTooLow, WrongGiftCardStatus
from checkout.gift_cards.deliveries import GiftCardDelivery

# Name of the provider of payments by gift card, and code of their method.
GIFT_CARD: Final = "gift_card"
# Code of the method of payments by store credit; their provider is that of gift cards.
STORE_CREDIT: Final = "store_credit"
REFUND_DAYS: Final = 90
MOST_CARDS: Final = 5


class GiftCardStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"
    REVOKED = "revoked"


class GiftCardSource(StrEnum):
    ISSUED = "issued"
    SOLD = "sold"
    IMPORTED = "imported"
    STORE_CREDIT = "store_credit"


class GiftCardProblem(StrEnum):
    """Reasons for which a card pays nothing."""

    EXPIRED = "expired"
    DISABLED = "disabled"
    EMPTY = "empty"


class EntryKind(StrEnum):
    ISSUE = "issue"
    CAPTURE = "capture"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"
    REVOCATION = "revocation"


class GiftCard(Row, table=True):
    """A gift card. Amounts are minor units of `currency`.

    Of its code there are the keyed hash, by which it is found, the last characters, and the sealed
    text for the mail. `caller`, `idempotency_key` and `fingerprint` are those of the call that
    issued it. One that an order bought is the `unit` of its line, and is mailed to the buyer or by
    its `delivery`.

    Store credit has an owner and no code: no code has its hash.
    """

    __tablename__ = "gift_card"
    __table_args__ = (
        states("status", GiftCardStatus),
        states("source", GiftCardSource),
        CheckConstraint("initial_minor > 0"),
        CheckConstraint("reserved_minor BETWEEN 0 AND balance_minor"),
        CheckConstraint("(source = 'store_credit') = (owner_id IS NOT NULL)"),
        UniqueConstraint("code_hash"),
        UniqueConstraint("caller", "idempotency_key"),
        UniqueConstraint("order_line_id", "unit"),
        Index("gift_card_ending", "ending", "id"),
        Index(
            "gift_card_owner",
            "owner_id",
            "currency",
            unique=True,
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
        Index("gift_card_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    code_hash: bytes = Field(repr=False)
    sealed_code: bytes = Field(repr=False)
    ending: str
    status: GiftCardStatus = code(GiftCardStatus, default=GiftCardStatus.ACTIVE)
    source: GiftCardSource = code(GiftCardSource)
    channel: str
    currency: str
    initial_minor: int = minor()
    balance_minor: int = minor(default=0)
    reserved_minor: int = minor(default=0)
    expires_at: datetime | None = None
    note: str = Field(default="", repr=False)
    order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    order_line_id: UUID | None = Field(default=None, foreign_key="order_line.id")
    unit: int | None = column(Integer, default=None, nullable=True)
    delivery: GiftCardDelivery | None = document(GiftCardDelivery | None, default=None, repr=False)
    send_at: datetime | None = None
    sent_at: datetime | None = None
    caller: str | None = None
    idempotency_key: str | None = None
    fingerprint: bytes | None = None
    created_at: datetime
    # The customer whose store credit it is; None for a gift card.
    owner_id: UUID | None = None

    @property
    def is_store_credit(self) -> bool:
        """Whether it pays for its owner alone."""
        return self.owner_id is not None

    @property
    def available_minor(self) -> int:
        """The balance without what orders hold."""
        return self.balance_minor - self.reserved_minor

    @property
    def is_unused(self) -> bool:
        """Whether nothing was taken from it, and no order holds anything."""
        return self.balance_minor == self.initial_minor and not self.reserved_minor

    def problem(self, now: datetime) -> GiftCardProblem | None:
        """Returns why the card pays nothing; None if it pays."""
        if self.status is not GiftCardStatus.ACTIVE:
            return GiftCardProblem.DISABLED
        if self.expires_at is not None and self.expires_at <= now:
            return GiftCardProblem.EXPIRED
        return None if self.available_minor else GiftCardProblem.EMPTY

    def require_version(self, expected: int) -> None:
        """Raises VersionMismatch unless the card is as expected; 0 accepts any."""
        if expected not in (0, self.version):
            raise VersionMismatch("the gift card changed meanwhile", version=self.version)

    def require_not_revoked(self) -> None:
        """Raises WrongGiftCardStatus."""
        if self.status is GiftCardStatus.REVOKED:
            raise WrongGiftCardStatus(status=self.status)

    def reserve(self, amount_minor: int) -> None:
        """Holds an amount for an order. Raises GiftCardBalanceTooLow."""
        if amount_minor > self.available_minor:
            raise GiftCardBalanceTooLow(available_minor=self.available_minor)
        self.reserved_minor += amount_minor

    def release(self, amount_minor: int) -> None:
        """Gives up what was held for an order."""
        self.reserved_minor -= amount_minor

    def book(
        self,
        kind: EntryKind,
        amount_minor: int,
        now: datetime,
        *,
        order_id: UUID | None = None,
        payment_id: UUID | None = None,
        refund_id: UUID | None = None,
        reason: str = "",
        actor_id: UUID | None = None,
    ) -> "GiftCardEntry":
        """Changes what is on the card, and returns the entry of it, which the caller inserts.

        Raises GiftCardBalanceTooLow if less than what orders hold would be left.
        """
        if self.balance_minor + amount_minor < self.reserved_minor:
            raise GiftCardBalanceTooLow(available_minor=self.available_minor)
        self.balance_minor += amount_minor
        return GiftCardEntry(
            id=uuid7(),
            gift_card_id=self.id,
            kind=kind,
            amount_minor=amount_minor,
            balance_minor=self.balance_minor,
            order_id=order_id,
            payment_id=payment_id,
            refund_id=refund_id,
            reason=reason,
            actor_id=actor_id,
            at=now,
        )


class GiftCardEntry(Row, table=True):
    """A change of what is on a card, and what was on it after that. Entries never change."""

    __tablename__ = "gift_card_entry"
    __table_args__ = (
        states("kind", EntryKind),
        CheckConstraint("amount_minor <> 0"),
        CheckConstraint("balance_minor >= 0"),
        Index("gift_card_entry_card", "gift_card_id", "id"),
        Index("gift_card_entry_at", "at", "id"),
        # A payment takes once, and a refund gives back once.
        Index(
            "gift_card_entry_payment",
            "payment_id",
            unique=True,
            postgresql_where=text("kind = 'capture'"),
        ),
        Index(
            "gift_card_entry_refund",
            "refund_id",
            unique=True,
            postgresql_where=text("refund_id IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    gift_card_id: UUID = Field(foreign_key="gift_card.id")
    kind: EntryKind = code(EntryKind)
    amount_minor: int = minor()
    balance_minor: int = minor()
    order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    payment_id: UUID | None = Field(default=None, foreign_key="payment.id")
    refund_id: UUID | None = Field(default=None, foreign_key="refund.id")
    reason: str = Field(default="", repr=False)
    actor_id: UUID | None = None
    at: datetime


class GiftCardSettings(Row, table=True):
    """Settings of a channel for its gift cards.

    A new card pays for `validity_days`, None for ever; an expired one pays for `refund_days` again
    once something came back to it. At most `most_cards` pay of one checkout. Store credit pays for
    `store_credit_days` after something was last added to it, None for ever.
    """

    __tablename__ = "gift_card_settings"
    __table_args__ = (
        CheckConstraint("validity_days > 0"),
        CheckConstraint("refund_days >= 0"),
        CheckConstraint("most_cards >= 0"),
        CheckConstraint("store_credit_days > 0"),
    )

    channel: str = Field(primary_key=True)
    validity_days: int | None = column(Integer, default=None, nullable=True)
    refund_days: int = column(Integer, default=REFUND_DAYS)
    pays_gift_cards: bool = column(Boolean, default=False)
    most_cards: int = column(Integer, default=MOST_CARDS)
    version: int = counter(default=1)
    store_credit_days: int | None = column(Integer, default=None, nullable=True)

    def expiry_of_new(self, now: datetime) -> datetime | None:
        """Returns when a card that is made now stops to pay; None for never."""
        return None if self.validity_days is None else now + timedelta(days=self.validity_days)

    def extend(self, card: GiftCard, now: datetime) -> None:
        """Lets an expired card pay again, after something came back to it."""
        if card.is_store_credit:
            self.renew(card, now)
            return
        if self.refund_days and card.expires_at is not None and card.expires_at <= now:
            card.expires_at = now + timedelta(days=self.refund_days)

    def renew(self, credit: GiftCard, now: datetime) -> None:
        """Lets store credit pay for its whole time again, after something was added to it."""
        days = self.store_credit_days
        credit.expires_at = None if days is None else now + timedelta(days=days)


def in_currency(amount: Money, card: GiftCard) -> bool:
    """Returns whether an amount is in the currency of a card."""
    return amount.currency == card.currency
