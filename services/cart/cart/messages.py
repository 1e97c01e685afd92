"""Rows and messages."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from cart.carts import Cart
from cart.offers import availability_of
from cart.pricing import PricedLine, Pricing
from cart.promotions import Promotion
from chassis.clock import uuid7
from chassis.errors import Invalid
from chassis.money import Money
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.common.v1 import money_pb2


class InvalidId(Invalid):
    """An id is not a UUID."""


def uuid_of(text: str, field: str) -> UUID:
    """The UUID in a field. Raises InvalidId."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidId("this is not a UUID", field=field) from error


def cart_to_proto(cart: Cart, pricing: Pricing) -> pb.Cart:
    """A priced cart."""
    message = pb.Cart(
        id=str(cart.id), status=cart.status, version=cart.version, currency=cart.currency, channel=cart.channel,
        lines=[_line(line) for line in pricing.lines], totals=list(_totals(pricing)), coupon_codes=cart.coupon_codes,
        saved=bool(cart.email),
        messages=[
            money_pb2.Message(type=n.type, code=n.code, path=n.path, content=n.content, severity=n.severity) for n in pricing.notices
        ],
    )  # fmt: skip
    if pricing.promotion is not None:
        coupon = next((code for code in cart.coupon_codes if code in pricing.promotion.coupon_codes), "")
        message.promotions.add(
            code=pricing.promotion.code,
            label=pricing.promotion.label_in(cart.locale),
            amount=pricing.discount.to_proto(),
            coupon_code=coupon,
        )
    message.updated_at.FromDatetime(cart.updated_at)
    return message


def _totals(pricing: Pricing) -> list[money_pb2.Total]:
    totals = [money_pb2.Total(type="subtotal", amount=pricing.subtotal.to_proto())]
    if pricing.discount.amount_minor:
        totals.append(money_pb2.Total(type="discount", amount=pricing.discount.to_proto()))
    return [*totals, money_pb2.Total(type="total", amount=pricing.total.to_proto())]


def _line(priced: PricedLine) -> pb.Line:
    line, offer = priced.line, priced.offer
    message = pb.Line(
        id=str(line.id), variant_id=str(line.variant_id), product_id=str(line.product_id), title=line.title, quantity=line.quantity,
        unit_price=priced.unit_price.to_proto(), subtotal=priced.subtotal.to_proto(), discount=priced.discount.to_proto(),
        total=priced.total.to_proto(),
    )  # fmt: skip
    if offer is not None:
        message.title, message.sku, message.product_slug = offer.title, offer.sku, offer.product_slug
        message.options = ", ".join(f"{option.name}: {option.value}" for option in offer.options)
        message.image_url, message.tax_class, message.weight_grams = offer.image.url, offer.tax_class, offer.weight_grams
        message.availability = availability_of(offer)
    return message


def promotion_to_proto(promotion: Promotion) -> pb.Promotion:
    message = pb.Promotion(
        code=promotion.code, label=promotion.label, percent_basis_points=promotion.percent_basis_points,
        first_order_only=promotion.first_order_only, coupon_codes=promotion.coupon_codes, category_slugs=promotion.category_slugs,
        usage_limit=promotion.usage_limit, used=promotion.used, active=promotion.active, version=promotion.version,
        minimum_subtotals=[Money(amount, currency).to_proto() for currency, amount in promotion.minimum_subtotals.items()],
    )  # fmt: skip
    if promotion.starts_at:
        message.starts_at.FromDatetime(promotion.starts_at)
    if promotion.ends_at:
        message.ends_at.FromDatetime(promotion.ends_at)
    return message


def promotion_from_proto(message: pb.Promotion) -> Promotion:
    return Promotion(
        id=uuid7(), code=message.code, label=dict(message.label), percent_basis_points=message.percent_basis_points,
        first_order_only=message.first_order_only, coupon_codes=list(message.coupon_codes), category_slugs=list(message.category_slugs),
        minimum_subtotals={amount.currency: amount.amount_minor for amount in message.minimum_subtotals},
        starts_at=_time(message.starts_at) if message.HasField("starts_at") else None,
        ends_at=_time(message.ends_at) if message.HasField("ends_at") else None,
        usage_limit=message.usage_limit, active=message.active,
    )  # fmt: skip


def _time(value: Timestamp) -> datetime:
    return value.ToDatetime(UTC)
