"""The order desk: search, tags, holds, notes and timelines of orders."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.order_desk_pb2_grpc import (
    OrderDeskServiceServicer,
    OrderTimelineServiceServicer,
)

_READ: Final = staff("orders.read", or_scope="orders.write")
_WRITE: Final = staff("orders.write")
_ORDERS: Final = "/v1/staff/orders"
_PATH: Final = f"{_ORDERS}/{{order_id}}"
_NOTE: Final = f"{_PATH}/notes/{{note_id}}"
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=f"{_ORDERS}/search",
        rpc=rpc(OrderDeskServiceServicer.SearchOrders),
        callers=_READ,
        touchpoint=None,
        body=WHOLE,
        is_secret=True,
        key=KeyRule.NONE,
        text="Orders that fit all filters, page by page. It is posted, so that e-mail addresses "
        "stand in no address.",
        example={"email": "sarah@example.com", "statuses": ["placed"], "page": {"size": 20}},
    ),
    Endpoint(
        method="POST",
        path=f"{_ORDERS}/tags",
        rpc=rpc(OrderDeskServiceServicer.TagOrders),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Adds tags to orders and takes tags off them, all orders or none. A repeat is fine.",
        example={
            "order_ids": ["0190a6e2-0000-7000-8000-000000000001"],
            "add": ["gift"],
            "remove": ["to-check"],
        },
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(OrderDeskServiceServicer.GetStaffOrder),
        callers=_READ,
        touchpoint=None,
        text="An order with its tags and its hold.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/hold",
        rpc=rpc(OrderDeskServiceServicer.HoldOrder),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Holds an order: it is neither shipped nor handed over until it is released. A "
        "repeat changes reason and note.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/release",
        rpc=rpc(OrderDeskServiceServicer.ReleaseOrder),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Releases an order that is held. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/notes",
        rpc=rpc(OrderDeskServiceServicer.ListOrderNotes),
        callers=_READ,
        touchpoint=None,
        text="The notes of an order, oldest first. No buyer sees them.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/notes",
        rpc=rpc(OrderDeskServiceServicer.AddOrderNote),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        text="Adds a note to an order.",
        example={"text": "Called: she is home from 17:00 on."},
    ),
    Endpoint(
        method="PUT",
        path=_NOTE,
        rpc=rpc(OrderDeskServiceServicer.UpdateOrderNote),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Changes the text of a note; it says who changed it last.",
    ),
    Endpoint(
        method="DELETE",
        path=_NOTE,
        rpc=rpc(OrderDeskServiceServicer.DeleteOrderNote),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a note. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/timeline",
        rpc=rpc(OrderTimelineServiceServicer.GetOrderTimeline),
        callers=staff("orders.read"),
        touchpoint=None,
        name="GetAnyOrderTimeline",
        text="Everything that happened to an order, oldest first, with who of the staff did it.",
    ),
)
