"""Requests for delivery estimates as values, and estimates as protobuf messages."""

from checkout.delivery.options import MOST_WEIGHT_GRAMS, DeliveryEstimate, Goods
from checkout.orders.messages import option_to_proto
from sojourn.checkout.v1 import checkout_pb2 as pb


def goods_from_proto(request: pb.EstimateDeliveryRequest, *, country: str, origin: str) -> Goods:
    """Bounds the mass to MOST_WEIGHT_GRAMS. The currency defaults to EUR."""
    return Goods(
        country=country,
        origin=origin,
        weight_grams=max(0, min(request.mass_grams, MOST_WEIGHT_GRAMS)),
        subtotal_minor=request.subtotal.amount_minor,
        currency=request.subtotal.currency or "EUR",
    )


def estimate_to_proto(estimate: DeliveryEstimate) -> pb.EstimateDeliveryResponse:
    bounds = estimate.bounds
    return pb.EstimateDeliveryResponse(
        options=[option_to_proto(option) for option in estimate.options],
        mass_from_grams=bounds.weight_grams[0],
        mass_below_grams=bounds.weight_grams[1],
        subtotal_from_minor=bounds.subtotal_minor[0],
        subtotal_below_minor=bounds.subtotal_minor[1] or 0,
    )
