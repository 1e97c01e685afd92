"""Promotions: a percentage off, on conditions, by itself or by a coupon code."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, bindparam, delete, literal_column, not_, text, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.rows import Field, Row, columns_of, counter, document
from chassis.data.statements import one_of, prepare
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


class Promotion(Row, table=True):
    """A percentage off. `minimum_subtotals` maps currencies to minor units; a currency that is missing from a map that is not empty is
    not served. Without coupon codes it applies by itself. `usage_limit` 0 is none."""

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("percent_basis_points BETWEEN 1 AND 10000"),
        CheckConstraint("jsonb_typeof(coupon_codes) = 'array'"),
        CheckConstraint("jsonb_typeof(category_slugs) = 'array'"),
        CheckConstraint("ends_at > starts_at"),
        CheckConstraint("usage_limit >= 0"),
        CheckConstraint("used >= 0"),
        Index("promotion_automatic", "id", postgresql_where=text("is_active AND coupon_codes = '[]'")),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    label: dict[str, str] = document(dict[str, str])
    percent_basis_points: int
    first_order_only: bool
    minimum_subtotals: dict[str, int] = document(dict[str, int])
    coupon_codes: list[str] = document(list[str])
    category_slugs: list[str] = document(list[str])
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    usage_limit: int = counter(default=0)
    used: int = counter(default=0)
    is_active: bool = True
    version: int = counter(default=1)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """A promotion as `to_jsonb` gives it."""
        times = {name: datetime.fromisoformat(record[name]) if record[name] else None for name in ("starts_at", "ends_at")}
        values = {**record, **times, "id": UUID(record["id"])}
        promotion = cls.load([values[name] for name in columns_of(cls)])
        promotion.require_usable()
        return promotion

    def require_usable(self) -> None:
        """Raises ValueError where a minimum subtotal is no amount that money can be."""
        if not all(0 <= least <= MOST_MINOR for least in self.minimum_subtotals.values()):
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


class Coupon(Row, table=True):
    """A code that a shopper types in, and the promotion that it opens."""

    __tablename__ = "coupon"

    code: str = Field(primary_key=True)
    promotion_id: UUID = Field(foreign_key="promotion.id", index=True)


# Columns of `Rules` for a statement on `cart`, also in RETURNING: so that a cart is read or written, and priced, in one statement.
NO_RULES: Final = Rules(0, ())
ORDERS_PLACED: Final[Any] = literal_column(
    "coalesce((SELECT max(o.placed) FROM order_count o WHERE o.subject IN (cart.owner_id::text, cart.email_digest)), 0)"
).label("orders_placed")
PROMOTIONS: Final[Any] = literal_column(
    "(SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM ("
    "SELECT a.* FROM promotion a WHERE a.is_active AND a.coupon_codes = '[]'"
    # Those with coupons are never among the others.
    " UNION ALL SELECT b.* FROM promotion b WHERE b.coupon_codes <> '[]' AND cart.coupon_codes <> '[]' AND b.id IN ("
    "SELECT k.promotion_id FROM coupon k WHERE k.code IN (SELECT jsonb_array_elements_text(cart.coupon_codes)))) p)"
).label("promotions")

_LOCK: Final = prepare(select(Promotion).where(one_of(Promotion.code, "codes")).order_by(col(Promotion.id)).with_for_update())
_used = aliased(Promotion)
_COUNT_USE: Final = prepare(
    update(Promotion)
    .where(col(Promotion.id).in_(select(_used.id).where(one_of(_used.id, "ids")).order_by(col(_used.id)).with_for_update()))
    .values(used=Promotion.used + bindparam("by"))
)
_COUPONS_OF_OTHERS: Final = prepare(
    select(Coupon.code).where(one_of(Coupon.code, "codes"), Coupon.promotion_id != bindparam("promotion_id"))
)
_DELETE_OTHER_COUPONS: Final = prepare(
    delete(Coupon).where(col(Coupon.promotion_id) == bindparam("promotion_id"), not_(one_of(Coupon.code, "codes")))
)


async def lock_promotions(tx: Tx, codes: Sequence[str]) -> dict[str, Promotion]:
    """Promotions by code, locked in the order of ids."""
    return {promotion.code: promotion for promotion in await tx.all(_LOCK, codes=list(codes))}


def count_use(tx: Tx, promotion_ids: Sequence[UUID], by: int) -> None:
    """Adds with the commit to how often promotions were used. Not a change of the promotion: its version stays."""
    if promotion_ids:
        tx.deferred.execute(_COUNT_USE, ids=list(promotion_ids), by=by)


async def newest_promotions(read: Read, *, before: UUID | None, limit: int) -> list[Promotion]:
    """Promotions, newest first, made before the one `before`. One that cannot be read is left out."""
    query = select(Promotion).order_by(col(Promotion.id).desc()).limit(limit)
    found = await find_readable(read, Promotion, query.where(Promotion.id < before) if before else query, loop=_LOOP)
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
    return await tx.all(_COUPONS_OF_OTHERS, codes=list(codes), promotion_id=promotion_id)


async def replace_coupons(tx: Tx, promotion_id: UUID, codes: Sequence[str]) -> None:
    """Makes these a promotion's coupon codes."""
    await tx.execute(_DELETE_OTHER_COUPONS, codes=list(codes), promotion_id=promotion_id)
    await tx.upsert_many(Coupon, [Coupon(code=code, promotion_id=promotion_id) for code in dict.fromkeys(codes)], update=())
