"""The engine of promotions: which of them apply to lines, and how much each takes off. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from cart.promotions.model import MOST_BASIS_POINTS, Ineligibility, PricingRules, Promotion
from chassis.money import Money, allocate

_WHOLE: Final = Decimal(MOST_BASIS_POINTS)


@dataclass(frozen=True, slots=True)
class DiscountableLine:
    """The part of a line that promotions read: subtotal in minor units, category slugs."""

    subtotal_minor: int
    category_slugs: Sequence[str] = ()
    is_gift_card: bool = False

    def is_covered_by(self, promotion: Promotion) -> bool:
        return promotion.covers(self.category_slugs, is_gift_card=self.is_gift_card)


@dataclass(frozen=True, slots=True)
class AppliedPromotion:
    """A promotion that takes something off.

    `amount_minor` is negative; `coupon_code` is empty for an automatic one.
    """

    promotion: Promotion
    coupon_code: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Discounts:
    """Discounts by line (at most 0) and by promotion, and useless coupon codes with the reason."""

    of_lines_minor: Sequence[int]
    applied: Sequence[AppliedPromotion]
    refused: dict[str, Ineligibility]


def apply_promotions(
    lines: Sequence[DiscountableLine],
    rules: PricingRules,
    coupon_codes: Sequence[str],
    *,
    currency: str,
    now: datetime,
) -> Discounts:
    """Applies promotions in turn, each to the rest of the earlier ones.

    Automatic ones come first, by age, then coupons in the order typed.

    A promotion takes its percentage of the lines that it covers, rounded half to even, allocated by
    largest remainder. No line falls below zero, and the lines' discounts sum exactly to the
    promotions'.
    """
    left = [line.subtotal_minor for line in lines]
    applied: list[AppliedPromotion] = []
    refused: dict[str, Ineligibility] = {}
    done = set()
    for promotion, code in _candidates(rules, coupon_codes, refused):
        if promotion.id in done:
            continue
        why = find_ineligibility(promotion, lines, rules.orders_placed, currency=currency, now=now)
        if why is not None:
            if code:
                refused[code] = why
            continue
        done.add(promotion.id)
        if taken := _take_share(promotion, lines, left, currency):
            applied.append(AppliedPromotion(promotion, code, -taken))
    off = [rest - line.subtotal_minor for rest, line in zip(left, lines, strict=True)]
    return Discounts(off, applied, refused)


def find_ineligibility(
    promotion: Promotion,
    lines: Sequence[DiscountableLine],
    orders_placed: int,
    *,
    currency: str,
    now: datetime,
) -> Ineligibility | None:
    """Returns the reason for which a promotion does not apply to these lines, or None."""
    if (why := promotion.ineligibility(now)) is not None:
        return why
    if promotion.first_order_only and orders_placed > 0:
        return Ineligibility.NOT_FIRST_ORDER
    subtotal = sum(line.subtotal_minor for line in lines)
    # Of an empty cart it is not known yet, unless the promotion is of categories.
    asks = bool(lines) or bool(promotion.category_slugs)
    covers_none = asks and not any(line.is_covered_by(promotion) for line in lines)
    return (
        Ineligibility.BELOW_MINIMUM
        if covers_none or not promotion.has_minimum(subtotal, currency)
        else None
    )


def _candidates(
    rules: PricingRules, coupon_codes: Sequence[str], refused: dict[str, Ineligibility]
) -> list[tuple[Promotion, str]]:
    found = [(promotion, "") for promotion in rules.automatic()]
    for code in coupon_codes:
        if promotion := rules.find_by_coupon(code):
            found.append((promotion, code))
        else:
            refused[code] = Ineligibility.UNKNOWN
    return found


def _take_share(
    promotion: Promotion, lines: Sequence[DiscountableLine], left: list[int], currency: str
) -> int:
    """Takes a promotion's share out of `left`. Returns its amount in minor units."""
    covered = [index for index, line in enumerate(lines) if line.is_covered_by(promotion)]
    weights = [left[index] for index in covered]
    amount = Money(sum(weights), currency).at_rate(promotion.percent_basis_points / _WHOLE)
    if amount.amount_minor <= 0:
        return 0
    for index, share in zip(covered, allocate(amount, weights), strict=True):
        left[index] -= share.amount_minor
    return amount.amount_minor
