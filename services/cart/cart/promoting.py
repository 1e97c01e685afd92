"""Staff make promotions."""

from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from cart.errors import CouponTaken, InvalidPromotion
from cart.promotions import Promotion, normalized
from chassis import telemetry
from chassis.clock import uuid7
from chassis.db import Tx
from chassis.errors import Exists
from chassis.money import exponent


async def put(tx: Tx, wanted: Promotion, *, actor_id: UUID) -> Promotion:
    """Creates or replaces the promotion of this code; how often it was used stays. Raises InvalidPromotion, CouponTaken."""
    _check(wanted)
    wanted.coupon_codes = list(dict.fromkeys(normalized(code) for code in wanted.coupon_codes))
    found = await tx.find_one(Promotion, "WHERE code = %s FOR UPDATE", [wanted.code])
    before = found.dump() if found else None
    if found is None:
        try:
            await tx.insert(wanted)
        except psycopg.errors.UniqueViolation as error:
            raise Exists("the promotion was made at the same time; try again") from error
    else:
        wanted.id, wanted.used, wanted.version = found.id, found.used, found.version
        await tx.update(wanted)
        await tx.run("DELETE FROM coupon WHERE promotion_id = %s", [wanted.id])
    for code in wanted.coupon_codes:
        if not await tx.run("INSERT INTO coupon (code, promotion_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", [code, wanted.id]):
            raise CouponTaken("another promotion has this code", code=code)
    await tx.run(
        "INSERT INTO audit (id, at, actor_id, action, subject, before, after, trace_id) VALUES (%s, %s, %s, 'promotion.put', %s, %s, %s, %s)",
        [uuid7(), tx.now, actor_id, wanted.code, _plain(before), _plain(wanted.dump()), telemetry.trace_id()],
    )
    return wanted


def _plain(values: dict[str, object] | None) -> Jsonb | None:
    if values is None:
        return None
    return Jsonb({name: value.obj if isinstance(value, Jsonb) else value for name, value in values.items()})


def _check(promotion: Promotion) -> None:
    if not 0 < len(promotion.code) <= 200 or not promotion.label:
        raise InvalidPromotion("a promotion needs a code and a label", field="code")
    if not 1 <= promotion.percent_basis_points <= 10_000:
        raise InvalidPromotion("1 to 10,000 basis points", field="percent_basis_points")
    if promotion.usage_limit < 0 or any(amount < 0 for amount in promotion.minimum_subtotals.values()):
        raise InvalidPromotion("not negative", field="usage_limit")
    if promotion.starts_at and promotion.ends_at and promotion.ends_at <= promotion.starts_at:
        raise InvalidPromotion("it must end after it starts", field="ends_at")
    if any(not code.strip() or len(code) > 64 for code in promotion.coupon_codes):
        raise InvalidPromotion("a coupon code has 1 to 64 characters", field="coupon_codes")
    for currency in promotion.minimum_subtotals:
        exponent(currency)
