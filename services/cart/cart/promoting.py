"""Staff make and change promotions."""

import re
from typing import Final
from uuid import UUID

from cart import promotions
from cart.errors import CouponTaken, InvalidPromotion
from cart.promotions import COUPON_CODE, MOST_BASIS_POINTS, Promotion
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from chassis.runtime.clock import uuid7

MOST_LABELS: Final = 50
MOST_LABEL: Final = 200
MOST_CATEGORIES: Final = 500
MOST_CURRENCIES: Final = 200
MOST_USAGE: Final = 10**9
_LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")
_MOST_COUPONS: Final = 10_000


def check(draft: Promotion) -> None:
    """Raises InvalidPromotion with the field that is wrong."""
    problems = {
        "code": not _CODE.fullmatch(draft.code),
        "label": not all(_LOCALE.fullmatch(locale) and len(text) <= MOST_LABEL for locale, text in draft.label.items()),
        "category_slugs": not all(len(slug) <= 200 and _SLUG.fullmatch(slug) for slug in draft.category_slugs),
        "percent_basis_points": not 1 <= draft.percent_basis_points <= MOST_BASIS_POINTS,
        "minimum_subtotals": any(not _is_amount(currency, amount) for currency, amount in draft.minimum_subtotals.items()),
        "coupon_codes": len(draft.coupon_codes) > _MOST_COUPONS or not all(map(COUPON_CODE.fullmatch, draft.coupon_codes)),
        "ends_at": bool(draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at),
        "usage_limit": draft.usage_limit < 0,
    }
    for field, found, most in (
        ("label", len(draft.label), MOST_LABELS),
        ("category_slugs", len(draft.category_slugs), MOST_CATEGORIES),
        ("minimum_subtotals", len(draft.minimum_subtotals), MOST_CURRENCIES),
        ("coupon_codes", len(draft.coupon_codes), _MOST_COUPONS),
        ("usage_limit", draft.usage_limit, MOST_USAGE),
    ):
        if found > most:
            raise InvalidPromotion(field=field, path=field, most=most)
    if wrong := next((field for field, is_wrong in problems.items() if is_wrong), None):
        raise InvalidPromotion(field=wrong, path=wrong)


def _is_amount(currency: str, amount_minor: int) -> bool:
    try:
        exponent(currency)
    except UnknownCurrency:
        return False
    return 0 <= amount_minor <= MOST_MINOR


async def put(tx: Tx, draft: Promotion, *, actor_id: UUID) -> Promotion:
    """Creates or replaces a promotion by code, with an audit row. `id`, `used` and `version` of the draft are not read. Putting the same
    again changes nothing. Raises InvalidPromotion, CouponTaken."""
    check(draft)
    # Staff write rarely: one at a time spares every race on codes and coupons.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtext('promotion'))")
    before = (await promotions.lock_promotions(tx, [draft.code])).get(draft.code)
    if before is None:
        draft.id, draft.used, draft.version = uuid7(), 0, 1
    else:
        draft.id, draft.used, draft.version = before.id, before.used, before.version
        if draft == before:
            return before
    if taken := await promotions.coupons_of_others(tx, draft.id, draft.coupon_codes):
        raise CouponTaken(coupon_code=taken[0])
    if before is None:
        await tx.insert(draft)
    else:
        await tx.update(draft)
    await promotions.replace_coupons(tx, draft.id, draft.coupon_codes)
    facts_before, facts = before.model_dump(mode="json") if before else None, draft.model_dump(mode="json")
    record_audit(tx, actor_id, "promotion.put", f"promotion:{draft.code}", before=facts_before, after=facts)
    return draft
