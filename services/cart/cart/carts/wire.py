"""Carts as messages, and offers and lines of messages as values."""

from datetime import UTC
from typing import Final
from uuid import UUID

from cart.carts.model import CartStatus, NewLine
from cart.carts.offers import Offer
from cart.carts.totals import PricedLine, Totals
from chassis.rpc import wire
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec
from chassis.totals import TotalType
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2
from sojourn.common.v1 import money_pb2

_STATUSES: Final = EnumCodec(pb.CartStatus, CartStatus)


def new_line_from_proto(line: pb.LineInput) -> NewLine:
    """Raises InvalidId."""
    return NewLine(parse_id(line.variant_id, "variant_id"), line.quantity)


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
        tiers=tuple((tier.min_quantity, tier.price.amount_minor) for tier in offer.tiers),
        currency=offer.price.currency,
        tax_included=offer.tax_included,
        weight_grams=offer.weight_grams,
        volume_cm3=offer.volume_cm3,
        tax_class=offer.tax_class,
        unit_code=offer.unit_code or "C62",
        scale=offer.scale,
        increment=offer.increment or 1,
        category_slugs=tuple(offer.category_slugs),
        available=offer.available,
        available_now=offer.available_now if offer.promise else None,
        promise=wire.AVAILABILITIES.decode(offer.promise) if offer.promise else None,
        expected_at=offer.expected_at.ToDatetime(UTC) if offer.HasField("expected_at") else None,
        kind=wire.ITEM_KINDS.decode(offer.kind),
        gift_card_value_minor=offer.gift_card_value.amount_minor
        if offer.HasField("gift_card_value")
        else None,
    )


def cart_to_proto(totals: Totals) -> pb.Cart:
    cart = totals.priced.cart
    return pb.Cart(
        id=str(cart.id),
        status=_STATUSES.encode(cart.status),
        version=cart.version,
        currency=cart.currency,
        channel=cart.channel,
        lines=[_line(line) for line in totals.lines],
        totals=_totals(totals),
        messages=[wire.notice(each) for each in totals.notices],
        promotions=[
            pb.AppliedPromotion(
                code=applied.promotion.code,
                label=applied.promotion.label_in(cart.locale),
                amount=wire.money(applied.amount_minor, cart.currency),
                coupon_code=applied.coupon_code,
            )
            for applied in totals.applied
        ],
        coupon_codes=cart.coupon_codes,
        saved=bool(cart.email),
        updated_at=wire.timestamp(cart.updated_at),
        locale=cart.locale,
    )


def cart_for_order_to_proto(totals: Totals) -> pb.CartForOrder:
    cart = totals.priced.cart
    return pb.CartForOrder(
        cart=cart_to_proto(totals),
        owner_id=str(cart.owner_id),
        email=cart.email,
        locale=cart.locale,
        tax_included=totals.is_tax_included,
        synthetic=cart.is_synthetic,
    )


def _line(priced: PricedLine) -> pb.CartLine:
    return pb.CartLine(
        id=str(priced.line.id),
        item=wire.line_item(priced.item),
        availability=wire.AVAILABILITIES.encode(priced.availability),
        price_overridden=priced.line.override is not None,
    )


def _totals(totals: Totals) -> list[money_pb2.Total]:
    currency = totals.priced.cart.currency
    entries = [
        money_pb2.Total(
            type=wire.TOTAL_TYPES.encode(TotalType.SUBTOTAL),
            amount=wire.money(totals.subtotal_minor, currency),
        )
    ]
    if totals.discount_minor:
        entries.append(
            money_pb2.Total(
                type=wire.TOTAL_TYPES.encode(TotalType.DISCOUNT),
                amount=wire.money(totals.discount_minor, currency),
            )
        )
    return [
        *entries,
        money_pb2.Total(
            type=wire.TOTAL_TYPES.encode(TotalType.TOTAL),
            amount=wire.money(totals.total_minor, currency),
        ),
    ]
