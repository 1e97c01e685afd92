"""Promotions as messages, and back."""

from datetime import UTC

from cart.errors import InvalidPromotion
from cart.promotions.model import Promotion
from chassis.rpc.wire import money, timestamp
from chassis.runtime.clock import uuid7
from sojourn.cart.v1 import cart_pb2 as pb


def promotion_from_proto(promotion: pb.Promotion) -> Promotion:
    """Returns a draft, whose id is new. Raises InvalidPromotion if a currency stands twice."""
    minimums = {minimum.currency: minimum.amount_minor for minimum in promotion.minimum_subtotals}
    if len(minimums) != len(promotion.minimum_subtotals):
        raise InvalidPromotion(field="minimum_subtotals", path="minimum_subtotals")
    return Promotion(
        id=uuid7(),
        code=promotion.code,
        label=dict(promotion.label),
        percent_basis_points=promotion.percent_basis_points,
        first_order_only=promotion.first_order_only,
        minimum_subtotals=minimums,
        coupon_codes=list(dict.fromkeys(code.strip().upper() for code in promotion.coupon_codes)),
        category_slugs=list(dict.fromkeys(promotion.category_slugs)),
        starts_at=promotion.starts_at.ToDatetime(UTC) if promotion.HasField("starts_at") else None,
        ends_at=promotion.ends_at.ToDatetime(UTC) if promotion.HasField("ends_at") else None,
        usage_limit=promotion.usage_limit,
        is_active=promotion.active,
    )


def promotion_to_proto(promotion: Promotion) -> pb.Promotion:
    return pb.Promotion(
        code=promotion.code,
        label=promotion.label,
        percent_basis_points=promotion.percent_basis_points,
        first_order_only=promotion.first_order_only,
        minimum_subtotals=[
            money(amount, currency) for currency, amount in promotion.minimum_subtotals.items()
        ],
        coupon_codes=promotion.coupon_codes,
        starts_at=timestamp(promotion.starts_at),
        ends_at=timestamp(promotion.ends_at),
        usage_limit=promotion.usage_limit,
        used=promotion.used,
        category_slugs=promotion.category_slugs,
        active=promotion.is_active,
        version=promotion.version,
    )
