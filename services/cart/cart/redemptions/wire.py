"""Redemptions as messages, and requests as values."""

from typing import Final

from cart.redemptions.actions import CartRedemption
from cart.redemptions.model import Redemption, RedemptionStatus
from chassis.rpc.ids import parse_id
from chassis.rpc.wire import EnumCodec
from sojourn.cart.v1 import cart_pb2 as pb

_STATUSES: Final = EnumCodec(pb.RedemptionStatus, RedemptionStatus)


def redemption_from_proto(request: pb.RedeemCartRequest) -> CartRedemption:
    """Raises InvalidId."""
    return CartRedemption(
        order_id=parse_id(request.order_id, "order_id"),
        cart_id=parse_id(request.cart_id, "cart_id"),
        owner_id=parse_id(request.owner_id, "owner_id"),
        cart_version=request.cart_version,
        email=request.email,
        promotion_codes=list(request.promotion_codes),
    )


def redemption_to_proto(redemption: Redemption) -> pb.Redemption:
    return pb.Redemption(
        order_id=str(redemption.order_id), status=_STATUSES.encode(redemption.status)
    )
