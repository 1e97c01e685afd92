"""Rules of loyalty points, the points of customers, and what became of them.

Points that were added are a lot, of which `left` can still be redeemed. The points of a customer
are the sum of what is left of their lots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, text

from chassis.data.rows import Field, Row, code, column, counter, minor, states
from chassis.money import Money

# Kind of the timer that books the points of an order. Its key is the order's id.
BOOK_POINTS: Final = "loyalty.book"


class LoyaltyRule(Row, table=True):
    """A rate of earning and redeeming in a channel and currency; an empty channel is all others."""

    __tablename__ = "loyalty_rule"
    __table_args__ = (
        CheckConstraint("earned_points >= 0 AND earned_per_minor > 0"),
        CheckConstraint("redeemed_points >= 0 AND redeemed_minor >= 0"),
        CheckConstraint("pending_days >= 0 AND valid_days > 0"),
        Index("loyalty_rule_channel", "channel", "currency", unique=True),
    )

    code: str = Field(primary_key=True)
    channel: str
    currency: str
    earned_points: int = minor()
    earned_per_minor: int = minor()
    redeemed_points: int = minor()
    redeemed_minor: int = minor()
    least_points: int = minor()
    pending_days: int
    valid_days: int | None = column(Integer, default=None, nullable=True)
    is_enabled: bool
    version: int = counter(default=1)

    @property
    def earning(self) -> "EarningTerms | None":
        """The terms of an order under this rule; None where it earns nothing."""
        if not self.is_enabled or not self.earned_points:
            return None
        return EarningTerms(
            self.earned_points, self.earned_per_minor, self.pending_days, self.valid_days
        )

    def worth(self, points: int) -> Money:
        """Returns the store credit that a multiple of `redeemed_points` becomes."""
        return Money(points // self.redeemed_points * self.redeemed_minor, self.currency)


class LoyaltyRuleRevision(Row, table=True):
    """The number of the last change of the rules."""

    __tablename__ = "loyalty_rule_revision"

    is_only: bool = Field(primary_key=True)
    number: int = minor()
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EarningTerms:
    """The points of an order, as the rule said when it was placed."""

    points: int
    per_minor: int
    pending_days: int
    valid_days: int | None = None

    def points_for(self, amount_minor: int) -> int:
        """Returns the points for goods of an amount, in minor units."""
        return max(amount_minor, 0) // self.per_minor * self.points

    def expiry(self, now: datetime) -> datetime | None:
        """Returns when points expire that are earned now."""
        return None if self.valid_days is None else now + timedelta(days=self.valid_days)


class LoyaltyTable:
    """The rules that count, by channel and currency."""

    def __init__(self, rules: Sequence[LoyaltyRule] = (), *, revision: int = 0) -> None:
        self.revision = revision
        self._rules = {(one.channel, one.currency): one for one in rules if one.is_enabled}

    def find(self, channel: str, currency: str) -> LoyaltyRule | None:
        """Returns the rule of a channel, or else that of all channels."""
        return self._rules.get((channel, currency)) or self._rules.get(("", currency))


class PointEntryKind(StrEnum):
    EARNED = "earned"
    REVOKED = "revoked"
    REDEEMED = "redeemed"
    ADJUSTED = "adjusted"


class LoyaltyAccount(Row, table=True):
    """The owner of points. Changes of points lock its row."""

    __tablename__ = "loyalty_account"

    customer_id: UUID = Field(primary_key=True)
    created_at: datetime


class PointEntry(Row, table=True):
    """A change of points.

    `left` is what can still be redeemed of points that were added. `written_off` are points that an
    order should give back and that were redeemed before.
    """

    __tablename__ = "loyalty_entry"
    __table_args__ = (
        states("kind", PointEntryKind),
        CheckConstraint('"left" >= 0 AND ("left" = 0 OR "left" <= points)'),
        Index("loyalty_entry_customer", "customer_id", "id"),
        Index("loyalty_entry_lots", "customer_id", postgresql_where=text('"left" > 0')),
        Index("loyalty_entry_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="loyalty_account.customer_id")
    kind: PointEntryKind = code(PointEntryKind)
    points: int = minor()
    left: int = minor(default=0)
    written_off: int = minor(default=0)
    order_id: UUID | None = Field(default=None, foreign_key="orders.id")
    currency: str = ""
    redeemed_minor: int = column(BigInteger, default=0)
    reason: str = Field(default="", repr=False)
    actor_id: UUID | None = None
    expires_at: datetime | None = None
    at: datetime

    def is_good(self, now: datetime) -> bool:
        """Returns whether points of it can be redeemed."""
        return self.left > 0 and (self.expires_at is None or self.expires_at > now)
