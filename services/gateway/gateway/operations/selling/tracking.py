"""Parcels of orders, and the webhooks of carriers."""

from typing import Final

from gateway.composed.orders import take_webhook
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.tracking_pb2_grpc import TrackingServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/orders/{order_id}/tracking",
        rpc=rpc(TrackingServiceServicer.GetOrderTracking),
        callers=SHOPPER,
        touchpoint="order.track",
        text="Where the parcels of an order are: their carriers, what those told, the promised "
        "days, and whether a parcel is late.",
    ),
    Endpoint(
        method="POST",
        path="/v1/orders/links/tracking",
        rpc=rpc(TrackingServiceServicer.GetLinkedOrderTracking),
        callers=PUBLIC,
        touchpoint="order.track",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="Where the parcels of the order of an access token are. The token is a secret, and "
        "so is posted.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/orders/{order_id}/tracking",
        rpc=rpc(TrackingServiceServicer.GetOrderTracking),
        callers=staff("orders.read"),
        touchpoint=None,
        name="GetAnyOrderTracking",
        text="Where the parcels of an order are, as its buyer sees them.",
    ),
    Endpoint(
        method="POST",
        path="/v1/webhooks/carriers/{carrier}",
        rpc=rpc(TrackingServiceServicer.ReceiveCarrierWebhook),
        callers=PUBLIC,
        touchpoint=None,
        is_raw=True,
        hidden=frozenset({"body", "signature"}),
        prepare=take_webhook,
        sends_token=False,
        status=204,
        key=KeyRule.NONE,
        limit=Limit.WEBHOOK,
        most_bytes=256 * KIB,
        text="Takes a carrier's webhook; its signature, in the carrier's own header, is checked "
        "behind this.",
        example={
            "events": [
                {
                    "id": "evt_1",
                    "tracking_number": "00340434161094042557",
                    "status": "delivered",
                    "occurred_at": "2026-03-02T10:15:00+01:00",
                }
            ]
        },
    ),
)
