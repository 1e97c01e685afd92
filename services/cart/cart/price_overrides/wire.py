"""Agreed prices of messages as values, and their limit as messages."""

from typing import Final

from cart.carts.model import PriceOverrideReason
from cart.price_overrides.actions import AgreedPrice
from cart.price_overrides.model import PriceOverrideSettings
from chassis.money import Money
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec
from sojourn.cart.v1 import price_overrides_pb2 as pb

_REASONS: Final = EnumCodec(pb.PriceOverrideReason, PriceOverrideReason)


def agreed_price_from_proto(request: pb.OverridePriceRequest) -> AgreedPrice:
    """Raises InvalidId, InvalidField, AmountTooLarge."""
    return AgreedPrice(
        parse_id(request.cart_id, "cart_id"),
        parse_id(request.line_id, "line_id"),
        Money.from_proto(request.unit_price) if request.HasField("unit_price") else None,
        _REASONS.decode(request.reason),
    )


def settings_to_proto(settings: PriceOverrideSettings) -> pb.PriceOverrideSettings:
    return pb.PriceOverrideSettings(
        channel=settings.channel,
        most_basis_points=settings.most_basis_points,
        version=settings.version,
    )
