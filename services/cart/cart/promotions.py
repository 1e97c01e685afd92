"""Promotions: a percentage off, on conditions, by itself or by a coupon code."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, LiteralString, Self
from uuid import UUID

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx
from chassis.money import MOST_MINOR

MOST_BASIS_POINTS: Final = 10_000
_LOOP: Final = Loop("promotions")
COUPON_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")


class Why(StrEnum):
    """Why a promotion does not apply."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED_UP = "used_up"
    NOT_FIRST_ORDER = "not_first_order"
    BELOW_MINIMUM = "below_minimum"


@dataclass(kw_only=True)
class Promotion(Row, table="promotion"):
    """A percentage off. `minimum_subtotals` maps currencies to minor units; a currency that is missing from a map that is not empty is
    not served. Without coupon codes it applies by itself. `usage_limit` 0 is none."""

    id: UUID
    code: str
    label: dict[str, str]
    percent_basis_points: int
    first_order_only: bool
    minimum_subtotals: dict[str, int]
    coupon_codes: list[str]
    category_slugs: list[str]
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int = 0
    used: int = 0
    is_active: bool = True
    version: int = 1

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """A promotion as `to_jsonb` gives it."""
        times = {name: datetime.fromisoformat(record[name]) if record[name] else None for name in ("starts_at", "ends_at")}
        promotion = cls.load({**record, **times, "id": UUID(record["id"])})
        promotion.require_usable()
        return promotion

    def require_usable(self) -> None:
        """Raises ValueError where a column does not hold what pricing reads from it."""
        texts = (self.label.values(), self.coupon_codes, self.category_slugs) if isinstance(self.label, dict) else ()
        if not texts or not all(isinstance(text, str) for each in texts for text in each):
            raise ValueError("a label, a coupon code or a category is no text")
        if not isinstance(self.minimum_subtotals, dict):
            raise ValueError("minimum subtotals are no amounts by currency")
        if not all(isinstance(least, int) and 0 <= least <= MOST_MINOR for least in self.minimum_subtotals.values()):
            raise ValueError("a minimum subtotal is no amount")

    def label_in(self, locale: str) -> str:
        """The label in a locale, else in its language, else in any, else the code."""
        for tag in (locale, locale.split("-")[0], "en"):
            if text := self.label.get(tag):
                return text
        return next((text for text in self.label.values() if text), self.code)

    def covers(self, category_slugs: Iterable[str]) -> bool:
        """Whether a product in these categories takes part."""
        return not self.category_slugs or not set(self.category_slugs).isdisjoint(category_slugs)

    def out_of_force(self, now: datetime) -> Why | None:
        """Why nobody can use it now, or None."""
        if not self.is_active or (self.starts_at and now < self.starts_at):
            return Why.UNKNOWN
        if self.ends_at and now >= self.ends_at:
            return Why.EXPIRED
        return Why.USED_UP if self.usage_limit and self.used >= self.usage_limit else None

    def has_minimum(self, subtotal_minor: int, currency: str) -> bool:
        """Whether a subtotal is high enough."""
        if not self.minimum_subtotals:
            return True
        least = self.minimum_subtotals.get(currency)
        return least is not None and subtotal_minor >= least


@dataclass(frozen=True, slots=True)
class Rules:
    """What the database says for pricing a cart: orders placed by its owner or its e-mail address, and promotions that come into question:
    those in force by themselves, and those of its coupon codes."""

    orders_placed: int
    promotions: Sequence[Promotion]

    @classmethod
    def load(cls, orders_placed: int, promotions: Sequence[Mapping[str, Any]] | None) -> Self:
        """A promotion that cannot be read is left out: it takes nothing off, and no cart is without its price because of it."""
        found: list[Promotion] = []
        for record in promotions or ():
            try:
                found.append(Promotion.from_json(record))
            except Exception as error:
                _LOOP.skip(record.get("id", ""), error)
        return cls(orders_placed, found)

    @property
    def would_be_first(self) -> bool:
        """Whether something depends on this being the buyer's first order, as which it is priced."""
        return not self.orders_placed and any(promotion.first_order_only for promotion in self.promotions)

    def automatic(self) -> list[Promotion]:
        return [promotion for promotion in self.promotions if not promotion.coupon_codes]

    def of_coupon(self, code: str) -> Promotion | None:
        return next((promotion for promotion in self.promotions if code in promotion.coupon_codes), None)


def coupon_code(typed: str) -> str:
    """A code as it is kept: case and surrounding space do not matter."""
    return typed.strip().upper()


# Columns of `Rules` for a statement on `cart`, also in RETURNING: so that a cart is read or written, and priced, in one statement.
NO_RULES: Final = Rules(0, ())
RULES: Final[LiteralString] = (
    "coalesce((SELECT max(o.placed) FROM order_count o WHERE o.subject IN (cart.owner_id::text, cart.email_digest)), 0) AS orders_placed,"
    " (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM ("
    "SELECT a.* FROM promotion a WHERE a.is_active AND a.coupon_codes = '[]'"
    # Those with coupons are never among the others.
    " UNION ALL SELECT b.* FROM promotion b WHERE b.coupon_codes <> '[]' AND cart.coupon_codes <> '[]' AND b.id IN ("
    "SELECT k.promotion_id FROM coupon k WHERE k.code IN (SELECT jsonb_array_elements_text(cart.coupon_codes)))) p) AS promotions"
)


async def lock_promotions(tx: Tx, codes: Sequence[str]) -> dict[str, Promotion]:
    """Promotions by code, locked in the order of ids."""
    found = await tx.find(Promotion, "WHERE code = ANY(%s) ORDER BY id FOR UPDATE", [list(codes)])
    return {promotion.code: promotion for promotion in found}


def count_use(tx: Tx, promotion_ids: Sequence[UUID], by: int) -> None:
    """Adds with the commit to how often promotions were used. Not a change of the promotion: its version stays."""
    if promotion_ids:
        tx.later(
            "UPDATE promotion SET used = used + %s WHERE id IN (SELECT id FROM promotion WHERE id = ANY(%s) ORDER BY id FOR UPDATE)",
            [by, list(promotion_ids)],
        )


async def newest_promotions(read: Read, *, before: UUID | None, limit: int) -> list[Promotion]:
    """Promotions, newest first, made before the one `before`. One that cannot be read is left out."""
    rest = "WHERE %(before)s::uuid IS NULL OR id < %(before)s ORDER BY id DESC LIMIT %(limit)s"
    found = await find_readable(read, Promotion, rest, {"before": before, "limit": limit}, loop=_LOOP)
    usable: list[Promotion] = []
    for promotion in found:
        try:
            promotion.require_usable()
        except (ValueError, TypeError) as error:
            _LOOP.skip(promotion.id, error)
        else:
            usable.append(promotion)
    return usable


async def coupons_of_others(tx: Tx, promotion_id: UUID, codes: Sequence[str]) -> list[str]:
    """Those coupon codes that another promotion has."""
    records = await tx.fetch("SELECT code FROM coupon WHERE code = ANY(%s) AND promotion_id <> %s", [list(codes), promotion_id])
    return [record[0] for record in records]


async def replace_coupons(tx: Tx, promotion_id: UUID, codes: Sequence[str]) -> None:
    """Makes these a promotion's coupon codes."""
    await tx.run("DELETE FROM coupon WHERE promotion_id = %s AND code <> ALL(%s)", [promotion_id, list(codes)])
    await tx.run(
        "INSERT INTO coupon (code, promotion_id) SELECT unnest(%s::text[]), %s ON CONFLICT DO NOTHING", [list(codes), promotion_id]
    )
