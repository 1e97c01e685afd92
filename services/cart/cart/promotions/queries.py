"""Reads, locks and counters of promotions."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, literal_column, not_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cart.promotions.model import Coupon, Promotion
from chassis.data.isolation import Loop, find_readable
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx

_LOOP: Final = Loop("promotions")
# Columns of `PricingRules` for a statement on `cart`, also in RETURNING: one statement reads or
# writes a cart and prices it.
ORDERS_PLACED: Final[Any] = literal_column(
    "coalesce((SELECT max(o.placed) FROM order_count o WHERE o.subject IN (cart.owner_id::text, "
    "cart.email_digest)), 0)"
).label("orders_placed")
PROMOTIONS: Final[Any] = literal_column(
    "(SELECT jsonb_agg(to_jsonb(p) ORDER BY p.id) FROM ("
    "SELECT a.* FROM promotion a WHERE a.is_active AND a.coupon_codes = '[]'"
    # Those with coupons are never among the others.
    " UNION ALL SELECT b.* FROM promotion b WHERE b.coupon_codes <> '[]' AND cart.coupon_codes <> "
    "'[]' AND b.id IN ("
    "SELECT k.promotion_id FROM coupon k WHERE k.code IN (SELECT "
    "jsonb_array_elements_text(cart.coupon_codes)))) p)"
).label("promotions")

_LOCK: Final = prepare(
    select(Promotion)
    .where(one_of(Promotion.code, "codes"))
    .order_by(col(Promotion.id))
    .with_for_update()
)
_used = aliased(Promotion)
_ADD_USES: Final = prepare(
    update(Promotion)
    .where(
        col(Promotion.id).in_(
            select(_used.id)
            .where(one_of(_used.id, "ids"))
            .order_by(col(_used.id))
            .with_for_update()
        )
    )
    .values(used=Promotion.used + bindparam("by"))
)
_COUPONS_OF_OTHERS: Final = prepare(
    select(Coupon.code).where(
        one_of(Coupon.code, "codes"), Coupon.promotion_id != bindparam("promotion_id")
    )
)
_DELETE_OTHER_COUPONS: Final = prepare(
    delete(Coupon).where(
        col(Coupon.promotion_id) == bindparam("promotion_id"), not_(one_of(Coupon.code, "codes"))
    )
)


async def lock_promotions(tx: Tx, codes: Sequence[str]) -> dict[str, Promotion]:
    """Locks promotions in the order of their ids. Returns them by code."""
    return {promotion.code: promotion for promotion in await tx.all(_LOCK, codes=list(codes))}


def add_uses(tx: Tx, promotion_ids: Sequence[UUID], by: int) -> None:
    """Adds `by` to the uses of promotions, with the commit. Their versions stay."""
    if promotion_ids:
        tx.deferred.execute(_ADD_USES, ids=list(promotion_ids), by=by)


async def list_promotions(read: Read, *, before: UUID | None, limit: int) -> list[Promotion]:
    """Returns promotions, newest first, made before the one `before`.

    Leaves out a promotion that cannot be read.
    """
    query = select(Promotion).order_by(col(Promotion.id).desc()).limit(limit)
    found = await find_readable(
        read, Promotion, query.where(Promotion.id < before) if before else query, loop=_LOOP
    )
    usable: list[Promotion] = []
    for promotion in found:
        try:
            promotion.require_usable()
        except (ValueError, TypeError) as error:
            _LOOP.skip(promotion.id, error)
        else:
            usable.append(promotion)
    return usable


async def list_coupons_of_others(tx: Tx, promotion_id: UUID, codes: Sequence[str]) -> list[str]:
    """Returns the coupon codes that another promotion has."""
    return await tx.all(_COUPONS_OF_OTHERS, codes=list(codes), promotion_id=promotion_id)


async def replace_coupons(tx: Tx, promotion_id: UUID, codes: Sequence[str]) -> None:
    """Replaces the coupon codes of a promotion."""
    await tx.execute(_DELETE_OTHER_COUPONS, codes=list(codes), promotion_id=promotion_id)
    await tx.upsert_many(
        Coupon,
        [Coupon(code=code, promotion_id=promotion_id) for code in dict.fromkeys(codes)],
        update=(),
    )
