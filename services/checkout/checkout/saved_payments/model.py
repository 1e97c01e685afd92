"""Saved payment methods and the customers that providers keep them for: tables and rules."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Index, Integer, Text, UniqueConstraint, text

from chassis.data.rows import Field, Row, code, column, states
from checkout.payments.vaults.instrument import Instrument

# Kinds of timers. The key of the first three is the id of a saved method, that of the last
# `provider:customer` with our id of the customer.
END_SET_UP: Final = "saved_payment.end_set_up"
DETACH: Final = "saved_payment.detach"
FORGET_CUSTOMER: Final = "saved_payment.forget_customer"
REFRESH: Final = "saved_payment.refresh"
MOST_METHODS: Final = 20
# A set-up that nobody finished is given up after that.
SET_UP_LIFETIME: Final = timedelta(days=1)


class SavedMethodStatus(StrEnum):
    """States of a saved method. One that is detaching is gone for its customer."""

    PENDING = "pending"
    ACTIVE = "active"
    FAILED = "failed"
    DETACHING = "detaching"


@dataclass(frozen=True, slots=True)
class PaymentMeans:
    """The instrument of an order, and how it is charged."""

    token: str = field(default="", repr=False)
    provider_customer: str = ""
    saved_method_id: UUID | None = None
    saves: bool = False
    is_off_session: bool = False


NO_MEANS: Final = PaymentMeans()


class PaymentCustomer(Row, table=True):
    """A customer as the vault of a provider knows them; `reference` is the provider's id.

    One that `is_forgotten` gets no more saved methods: a timer deletes it at the provider.
    """

    __tablename__ = "payment_customer"
    __table_args__ = (UniqueConstraint("provider", "reference"),)

    customer_id: UUID = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    reference: str
    is_forgotten: bool = column(Boolean, default=False, server_default="false")
    created_at: datetime


class SavedPaymentMethod(Row, table=True):
    """An instrument that a customer keeps at a provider.

    `token` and `set_up_id` are the provider's ids. The default one is that with the latest
    `preferred_at`, else the oldest: so two wishes at once need no lock. Of the card nothing else is
    kept.
    """

    __tablename__ = "saved_payment_method"
    __table_args__ = (
        states("status", SavedMethodStatus),
        CheckConstraint("status <> 'active' OR token <> ''"),
        CheckConstraint("expires_month BETWEEN 0 AND 12"),
        Index("saved_payment_method_customer", "customer_id", "id"),
        Index(
            "saved_payment_method_token",
            "provider",
            "token",
            unique=True,
            postgresql_where=text("token <> ''"),
        ),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID
    provider: str
    provider_method: str
    status: SavedMethodStatus = code(SavedMethodStatus, default=SavedMethodStatus.PENDING)
    token: str = column(Text, default="", server_default="''", repr=False)
    set_up_id: str = column(Text, default="", server_default="''", repr=False)
    brand: str = column(Text, default="", server_default="''")
    last_four: str = column(Text, default="", server_default="''", repr=False)
    expires_month: int = column(Integer, default=0, server_default="0")
    expires_year: int = column(Integer, default=0, server_default="0")
    decline_code: str = column(Text, default="", server_default="''")
    preferred_at: datetime | None = None
    created_at: datetime

    @property
    def is_shown(self) -> bool:
        """Whether its customer sees it."""
        return self.status in (SavedMethodStatus.PENDING, SavedMethodStatus.ACTIVE)

    def activate(self, kept: Instrument) -> None:
        """Takes over the instrument that the provider keeps."""
        self.status, self.token = SavedMethodStatus.ACTIVE, kept.token
        self.describe(kept)

    def describe(self, kept: Instrument) -> bool:
        """Takes over what the provider says of the card; returns whether it is anything else."""
        before = self.brand, self.last_four, self.expires_month, self.expires_year
        self.brand, self.last_four = kept.brand, kept.last_four
        self.expires_month, self.expires_year = kept.expires_month, kept.expires_year
        return before != (self.brand, self.last_four, self.expires_month, self.expires_year)

    def is_expired(self, now: datetime) -> bool:
        """Whether the month of its expiry is over."""
        return bool(self.expires_year) and (self.expires_year, self.expires_month) < (
            now.year,
            now.month,
        )


def by_preference(methods: Sequence[SavedPaymentMethod]) -> list[SavedPaymentMethod]:
    """Returns methods with the default one first, then the oldest."""
    ordered = sorted(methods, key=lambda each: each.id)
    chosen = default_of(ordered)
    return [*([chosen] if chosen else []), *(each for each in ordered if each is not chosen)]


def default_of(methods: Sequence[SavedPaymentMethod]) -> SavedPaymentMethod | None:
    """Returns the method with which orders are paid by default; None without an active one."""
    active = [each for each in methods if each.status is SavedMethodStatus.ACTIVE]
    preferred = [(each.preferred_at, each) for each in active if each.preferred_at]
    if preferred:
        return max(preferred, key=lambda pair: pair[0])[1]
    return min(active, key=lambda each: each.id, default=None)
