"""Rows to messages and back."""

from datetime import UTC
from typing import Final
from uuid import UUID

from cart.adding import Wanted
from cart.carts import CartStatus
from cart.errors import InvalidPromotion
from cart.offers import Offer
from cart.orders import Redemption, RedemptionStatus
from cart.promotions import Promotion, coupon_code
from cart.redeeming import Use
from cart.totals import PricedLine, Totals
from chassis.rpc import wire
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec, line_item, money, notice, timestamp
from chassis.runtime.clock import uuid7
from chassis.totals import TotalType
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2
from sojourn.common.v1 import money_pb2

_CART_STATUSES: Final = EnumCodec(pb.CartStatus, CartStatus)
_REDEMPTION_STATUSES: Final = EnumCodec(pb.RedemptionStatus, RedemptionStatus)


def wanted_from_proto(line: pb.LineInput) -> Wanted:
    """Raises InvalidId."""
    return Wanted(parse_id(line.variant_id, "variant_id"), line.quantity)


def use_from_proto(request: pb.RedeemCartRequest) -> Use:
    """Raises InvalidId."""
    return Use(
        order_id=parse_id(request.order_id, "order_id"),
        cart_id=parse_id(request.cart_id, "cart_id"),
        owner_id=parse_id(request.owner_id, "owner_id"),
        cart_version=request.cart_version,
        email=request.email,
        promotion_codes=list(request.promotion_codes),
    )


def offer_from_proto(offer: catalog_pb2.Offer) -> Offer:
    return Offer(
        variant_id=UUID(offer.variant_id),
        product_id=UUID(offer.product_id),
        sku=offer.sku,
        title=offer.title,
        options=", ".join(f"{option.name}: {option.value}" for option in offer.options),
        product_slug=offer.product_slug,
        image_url=offer.image.url,
        price_minor=offer.price.amount_minor,
        currency=offer.price.currency,
        tax_included=offer.tax_included,
        weight_grams=offer.weight_grams,
        tax_class=offer.tax_class,
        unit_code=offer.unit_code or "C62",
        scale=offer.scale,
        increment=offer.increment or 1,
        category_slugs=tuple(offer.category_slugs),
        available=offer.available,
    )


def cart_to_proto(totals: Totals) -> pb.Cart:
    cart = totals.basket.cart
    return pb.Cart(
        id=str(cart.id),
        status=_CART_STATUSES.encode(cart.status),
        version=cart.version,
        currency=cart.currency,
        channel=cart.channel,
        lines=[_line(line) for line in totals.lines],
        totals=_totals(totals),
        messages=[notice(each) for each in totals.notices],
        promotions=[
            pb.AppliedPromotion(
                code=applied.promotion.code,
                label=applied.promotion.label_in(cart.locale),
                amount=money(applied.amount_minor, cart.currency),
                coupon_code=applied.coupon_code,
            )
            for applied in totals.applied
        ],
        coupon_codes=cart.coupon_codes,
        saved=bool(cart.email),
        updated_at=timestamp(cart.updated_at),
    )


def _line(priced: PricedLine) -> pb.CartLine:
    return pb.CartLine(id=str(priced.line.id), item=line_item(priced.item), availability=wire.AVAILABILITIES.encode(priced.availability))


def _totals(totals: Totals) -> list[money_pb2.Total]:
    currency = totals.basket.cart.currency
    entries = [money_pb2.Total(type=wire.TOTAL_TYPES.encode(TotalType.SUBTOTAL), amount=money(totals.subtotal_minor, currency))]
    if totals.discount_minor:
        entries.append(money_pb2.Total(type=wire.TOTAL_TYPES.encode(TotalType.DISCOUNT), amount=money(totals.discount_minor, currency)))
    return [*entries, money_pb2.Total(type=wire.TOTAL_TYPES.encode(TotalType.TOTAL), amount=money(totals.total_minor, currency))]


def cart_for_order_to_proto(totals: Totals) -> pb.CartForOrder:
    cart = totals.basket.cart
    return pb.CartForOrder(
        cart=cart_to_proto(totals),
        owner_id=str(cart.owner_id),
        email=cart.email,
        locale=cart.locale,
        tax_included=totals.is_tax_included,
        synthetic=cart.is_synthetic,
    )


def redemption_to_proto(redemption: Redemption) -> pb.Redemption:
    return pb.Redemption(order_id=str(redemption.order_id), status=_REDEMPTION_STATUSES.encode(redemption.status))


def promotion_from_proto(promotion: pb.Promotion) -> Promotion:
    """A draft; its id is not the stored one's. Raises InvalidPromotion where a currency stands twice."""
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
        coupon_codes=list(dict.fromkeys(map(coupon_code, promotion.coupon_codes))),
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
        minimum_subtotals=[money(amount, currency) for currency, amount in promotion.minimum_subtotals.items()],
        coupon_codes=promotion.coupon_codes,
        starts_at=timestamp(promotion.starts_at) if promotion.starts_at else None,
        ends_at=timestamp(promotion.ends_at) if promotion.ends_at else None,
        usage_limit=promotion.usage_limit,
        used=promotion.used,
        category_slugs=promotion.category_slugs,
        active=promotion.is_active,
        version=promotion.version,
    )
