"""Orders of buyers without a session: a mailed link opens one.

A link carries its secret in the fragment; the page that it leads to POSTs it here.
"""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, Limit
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.checkout_pb2_grpc import OrderLinkServiceServicer

_PATH: Final = "/v1/orders/links"
_SMALL: Final = 16 * KIB
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=_PATH,
        rpc=rpc(OrderLinkServiceServicer.RequestOrderLink),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        status=202,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/open",
        rpc=rpc(OrderLinkServiceServicer.OpenOrderLink),
        callers=PUBLIC,
        touchpoint="order.view",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/order",
        rpc=rpc(OrderLinkServiceServicer.GetLinkedOrder),
        callers=PUBLIC,
        touchpoint="order.view",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=_SMALL,
    ),
)
