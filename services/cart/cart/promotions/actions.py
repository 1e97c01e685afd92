"""Changes of promotions by staff."""

from uuid import UUID

from cart.errors import CouponTaken, InvalidPromotion
from cart.promotions import queries
from cart.promotions.model import COUPON_CODE, Promotion
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.money import MOST_MINOR, UnknownCurrency, exponent
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7


def require_valid(draft: Promotion) -> None:
    """Raises InvalidPromotion with the field, for rules beyond the contract's constraints."""
    problems = {
        "minimum_subtotals": any(
            not _is_amount(currency, amount) for currency, amount in draft.minimum_subtotals.items()
        ),
        "coupon_codes": not all(map(COUPON_CODE.fullmatch, draft.coupon_codes)),
        "ends_at": bool(draft.starts_at and draft.ends_at and draft.ends_at <= draft.starts_at),
    }
    if wrong := next((field for field, is_wrong in problems.items() if is_wrong), None):
        raise InvalidPromotion(field=wrong, path=wrong)


def _is_amount(currency: str, amount_minor: int) -> bool:
    try:
        exponent(currency)
    except UnknownCurrency:
        return False
    return 0 <= amount_minor <= MOST_MINOR


async def put_promotion(
    tx: Tx, draft: Promotion, *, actor_id: UUID, expected_version: int = 0
) -> Promotion:
    """Creates or replaces a promotion by code, with an audit row.

    A repeat with the same content changes nothing.

    Ignores `id`, `used` and `version` of the draft. An
    `expected_version` of 0 accepts any version. Raises InvalidPromotion, CouponTaken,
    VersionMismatch.
    """
    require_valid(draft)
    # Staff write rarely: one at a time spares every race on codes and coupons.
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtext('promotion'))")
    before = (await queries.lock_promotions(tx, [draft.code])).get(draft.code)
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the promotion changed meanwhile", version=version)
    if before is None:
        draft.id, draft.used, draft.version = uuid7(), 0, 1
    else:
        draft.id, draft.used, draft.version = before.id, before.used, before.version
        if draft == before:
            return before
    if taken := await queries.list_coupons_of_others(tx, draft.id, draft.coupon_codes):
        raise CouponTaken(coupon_code=taken[0])
    if before is None:
        await tx.insert(draft)
    else:
        await tx.update(draft)
    await queries.replace_coupons(tx, draft.id, draft.coupon_codes)
    facts_before, facts = (
        before.model_dump(mode="json") if before else None,
        draft.model_dump(mode="json"),
    )
    record_audit(
        tx, actor_id, "promotion.put", f"promotion:{draft.code}", before=facts_before, after=facts
    )
    return draft
