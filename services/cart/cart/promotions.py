"""Promotions: a percentage off, on conditions. The best one that holds applies; they do not add up."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Read, Row, Tx
from chassis.money import Money


@dataclass(kw_only=True)
class Promotion(Row, table="promotion"):
    """`percent_basis_points` off (1000 is 10 %). `minimum_subtotals` maps a currency to minor units."""

    id: UUID
    code: str
    label: dict[str, str]
    percent_basis_points: int
    first_order_only: bool = False
    minimum_subtotals: dict[str, int] = field(default_factory=dict)
    coupon_codes: list[str] = field(default_factory=list)
    category_slugs: list[str] = field(default_factory=list)
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int = 0
    used: int = 0
    active: bool = True
    version: int = 1

    def why_not(self, *, now: datetime, is_first_order: bool, subtotal: Money | None = None) -> str:
        """The condition that does not hold: expired, used_up, not_first_order or below_minimum; empty if all do."""
        if not self.active or (self.starts_at and now < self.starts_at) or (self.ends_at and now >= self.ends_at):
            return "expired"
        if self.usage_limit and self.used >= self.usage_limit:
            return "used_up"
        if self.first_order_only and not is_first_order:
            return "not_first_order"
        if subtotal is not None and self.minimum_subtotals:
            least = self.minimum_subtotals.get(subtotal.currency)
            if least is None or subtotal.amount_minor < least:
                return "below_minimum"
        return ""

    def label_in(self, locale: str) -> str:
        """What to show, in the locale, its language, English, or any language there is."""
        for wanted in (locale, locale.partition("-")[0], "en"):
            if wanted in self.label:
                return self.label[wanted]
        return next(iter(self.label.values()), self.code)


def normalized(code: str) -> str:
    """A coupon code as it is compared: without surrounding space, in upper case."""
    return code.strip().upper()


async def candidates(read: Read, coupon_codes: list[str]) -> list[Promotion]:
    """Promotions that apply by themselves, and those that the codes bring."""
    return await read.find(
        Promotion,
        "WHERE active AND (coupon_codes = '[]'::jsonb OR id IN (SELECT promotion_id FROM coupon WHERE code = ANY(%s))) ORDER BY code",
        [coupon_codes],
    )


async def by_coupon(read: Read, code: str) -> Promotion | None:
    """The promotion that a normalized coupon code brings."""
    return await read.find_one(Promotion, "WHERE id = (SELECT promotion_id FROM coupon WHERE code = %s)", [code])


async def has_ordered(read: Read, owner_id: UUID, email_digest: str = "") -> bool:
    """Whether the buyer has an order that was not cancelled, by account or by e-mail address."""
    found = await read.fetch_one(
        "SELECT 1 FROM counted_order WHERE NOT is_cancelled AND (owner_id = %s OR (%s <> '' AND email_digest = %s)) LIMIT 1",
        [owner_id, email_digest, email_digest],
    )
    return found is not None


async def lock_by_codes(tx: Tx, codes: list[str]) -> list[Promotion]:
    """Promotions by code, locked in the order of their codes."""
    return await tx.find(Promotion, "WHERE code = ANY(%s) ORDER BY code FOR UPDATE", [codes])


async def lock_by_ids(tx: Tx, ids: list[UUID]) -> list[Promotion]:
    """Promotions by id, locked in the order of their codes."""
    return await tx.find(Promotion, "WHERE id = ANY(%s) ORDER BY code FOR UPDATE", [ids])


async def page(read: Read, *, after: tuple[Any, ...] | None, size: int) -> list[Promotion]:
    """Promotions, newest first."""
    if after is None:
        return await read.find(Promotion, "ORDER BY id DESC LIMIT %s", [size])
    return await read.find(Promotion, "WHERE id < %s ORDER BY id DESC LIMIT %s", [after[0], size])
