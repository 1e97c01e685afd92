"""Orders, as staff ship, cancel and refund them."""

from typing import Final

from gateway.composed.orders import order_page
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS
from sojourn.checkout.v1.checkout_pb2_grpc import OrderServiceServicer
from sojourn.checkout.v1.pickup_service_pb2_grpc import PickupServiceServicer

_WRITE: Final = staff("orders.write")
_LATER: Final = {202: "Begun; look at `Location`"}
_PATH: Final = "/v1/staff/orders/{order_id}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/orders",
        rpc=rpc(OrderServiceServicer.ListOrders),
        callers=staff("orders.read"),
        touchpoint=None,
        fixed={"all_buyers": True},
        hidden=frozenset({"query", "of_organization"}),
        query=Parameters(defaults={"page_size": 20}),
        name="ListAllOrders",
        text="All buyers' orders, newest first.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/shipments",
        rpc=rpc(OrderServiceServicer.CreateShipment),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        compose=order_page,
        also=_LATER,
        deadline_seconds=COMPLETE_SECONDS,
        text="Ships lines of a placed order; all that are left where you name none.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/shipments/{{shipment_id}}/delivered",
        rpc=rpc(OrderServiceServicer.MarkDelivered),
        callers=_WRITE,
        touchpoint=None,
        compose=order_page,
        also=_LATER,
        key=KeyRule.OPTIONAL,
        deadline_seconds=COMPLETE_SECONDS,
        text="Records that a shipment arrived. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/ready-for-pickup",
        rpc=rpc(PickupServiceServicer.MarkReadyForPickup),
        callers=_WRITE,
        touchpoint=None,
        compose=order_page,
        also=_LATER,
        key=KeyRule.OPTIONAL,
        text="Says that an order waits in its store: the buyer is mailed the code to show there. A "
        "repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/collect",
        rpc=rpc(PickupServiceServicer.CollectOrder),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        compose=order_page,
        also=_LATER,
        is_secret=True,
        key=KeyRule.OPTIONAL,
        text="Hands an order to whoever shows its code: it is delivered then. A repeat is fine.",
        example={"pickup_code": "204815"},
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/cancel",
        rpc=rpc(OrderServiceServicer.CancelOrder),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        compose=order_page,
        also=_LATER,
        key=KeyRule.OPTIONAL,
        deadline_seconds=COMPLETE_SECONDS,
        name="CancelAnyOrder",
        text="Cancels an order that has not shipped: the money goes back, the stock too.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/cancellations",
        rpc=rpc(OrderServiceServicer.CancelOrderLines),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        compose=order_page,
        also=_LATER,
        deadline_seconds=COMPLETE_SECONDS,
        name="CancelAnyOrderLines",
        text="Cancels quantities that have not shipped: the money goes back, the stock too.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/refunds",
        rpc=rpc(OrderServiceServicer.RefundOrder),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        compose=order_page,
        also=_LATER,
        deadline_seconds=COMPLETE_SECONDS,
        text="Refunds part or all of what was captured.",
    ),
)
