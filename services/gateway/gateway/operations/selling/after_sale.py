"""Settings of channels for what buyers may do after they bought."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint, KeyRule
from sojourn.checkout.v1.after_sale_pb2_grpc import AfterSaleServiceServicer

_WRITE: Final = staff("orders.write")
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/after-sale-settings",
        rpc=rpc(AfterSaleServiceServicer.GetAfterSaleSettings),
        callers=_WRITE,
        touchpoint=None,
        text="What buyers of a channel may do after they bought.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/after-sale-settings",
        rpc=rpc(AfterSaleServiceServicer.PutAfterSaleSettings),
        callers=_WRITE,
        touchpoint=None,
        body="settings",
        key=KeyRule.OPTIONAL,
        text="Sets for how long buyers of a channel may cancel, and how the price of delivery goes "
        "back with goods. Orders that were placed before follow it too.",
    ),
)
