"""Promotions: a percentage off, on conditions, automatic or by a coupon code."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text

from chassis.data.isolation import Loop
from chassis.data.rows import Field, Row, columns_of, counter, document
from chassis.money import MOST_MINOR

MOST_BASIS_POINTS: Final = 10_000
_LOOP: Final = Loop("promotions")
_AROUND_A_CODE: Final = (
    ".,;:!?\"'`()[]<>#\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
)
COUPON_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,39}")


class Ineligibility(StrEnum):
    """Reasons for which a promotion does not apply."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED_UP = "used_up"
    NOT_FIRST_ORDER = "not_first_order"
    BELOW_MINIMUM = "below_minimum"


class Promotion(Row, table=True):
    """A percentage off.

    `minimum_subtotals` maps currencies to minor units; if it is not empty, other currencies are not
    served. Without coupon codes a promotion applies by itself. A `usage_limit` of 0 is no limit.
    """

    __tablename__ = "promotion"
    __table_args__ = (
        CheckConstraint("percent_basis_points BETWEEN 1 AND 10000"),
        CheckConstraint("jsonb_typeof(coupon_codes) = 'array'"),
        CheckConstraint("jsonb_typeof(category_slugs) = 'array'"),
        CheckConstraint("ends_at > starts_at"),
        CheckConstraint("usage_limit >= 0"),
        CheckConstraint("used >= 0"),
        Index(
            "promotion_automatic", "id", postgresql_where=text("is_active AND coupon_codes = '[]'")
        ),
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
        """Returns the promotion of a row that `to_jsonb` wrote."""
        times = {
            name: datetime.fromisoformat(record[name]) if record[name] else None
            for name in ("starts_at", "ends_at")
        }
        values = {**record, **times, "id": UUID(record["id"])}
        promotion = cls.load([values[name] for name in columns_of(cls)])
        promotion.require_usable()
        return promotion

    def require_usable(self) -> None:
        """Raises ValueError if a minimum subtotal is not a valid amount."""
        if not all(0 <= least <= MOST_MINOR for least in self.minimum_subtotals.values()):
            raise ValueError("a minimum subtotal is no amount")

    def label_in(self, locale: str) -> str:
        """Returns the label in a locale, else in its language, else in any, else the code."""
        for tag in (locale, locale.split("-")[0], "en"):
            if text := self.label.get(tag):
                return text
        return next((text for text in self.label.values() if text), self.code)

    def covers(self, category_slugs: Iterable[str], *, is_gift_card: bool = False) -> bool:
        """Returns whether it applies to a product in these categories.

        Gift cards keep their full worth: a promotion that names no category of theirs leaves them.
        """
        if not self.category_slugs:
            return not is_gift_card
        return not set(self.category_slugs).isdisjoint(category_slugs)

    def ineligibility(self, now: datetime) -> Ineligibility | None:
        """Returns the reason for which no cart can use it now, or None."""
        if not self.is_active or (self.starts_at and now < self.starts_at):
            return Ineligibility.UNKNOWN
        if self.ends_at and now >= self.ends_at:
            return Ineligibility.EXPIRED
        return Ineligibility.USED_UP if self.usage_limit and self.used >= self.usage_limit else None

    def has_minimum(self, subtotal_minor: int, currency: str) -> bool:
        """Returns whether a subtotal is high enough."""
        if not self.minimum_subtotals:
            return True
        least = self.minimum_subtotals.get(currency)
        return least is not None and subtotal_minor >= least


@dataclass(frozen=True, slots=True)
class PricingRules:
    """Facts of the database that price a cart.

    `orders_placed` counts orders of the cart's owner and e-mail address. `promotions` are the
    automatic ones and those of its coupon codes.
    """

    orders_placed: int
    promotions: Sequence[Promotion]

    @classmethod
    def load(cls, orders_placed: int, promotions: Sequence[Mapping[str, Any]] | None) -> Self:
        """Skips an unreadable promotion: it gives no discount, and carts keep their price."""
        found: list[Promotion] = []
        for record in promotions or ():
            try:
                found.append(Promotion.from_json(record))
            except Exception as error:
                _LOOP.skip(record.get("id", ""), error)
        return cls(orders_placed, found)

    @property
    def would_be_first(self) -> bool:
        """Returns whether the cart is priced as a first order that a promotion depends on."""
        return not self.orders_placed and any(
            promotion.first_order_only for promotion in self.promotions
        )

    def automatic(self) -> list[Promotion]:
        return [promotion for promotion in self.promotions if not promotion.coupon_codes]

    def find_by_coupon(self, code: str) -> Promotion | None:
        return next(
            (promotion for promotion in self.promotions if code in promotion.coupon_codes), None
        )


def normalize_coupon_code(typed: str) -> str:
    """Returns a code as it is stored, however mails and phones changed it.

    In capitals and ASCII dashes and digits, without space, quotes and invisible signs.
    """
    plain = unicodedata.normalize("NFKC", typed).replace("İ", "I")
    return "".join(map(_plain_sign, plain)).strip(_AROUND_A_CODE).upper()


def _plain_sign(sign: str) -> str:
    if sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf"):
        return ""
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    return "-" if unicodedata.category(sign) == "Pd" or sign == "\u2212" else sign


class Coupon(Row, table=True):
    """A code that a shopper types, and its promotion."""

    __tablename__ = "coupon"

    code: str = Field(primary_key=True)
    promotion_id: UUID = Field(foreign_key="promotion.id", index=True)


NO_RULES: Final = PricingRules(0, ())
