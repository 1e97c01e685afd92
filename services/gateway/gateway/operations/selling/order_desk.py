"""The order desk: search, tags, holds, notes and timelines of orders."""

from typing import Final

from gateway.composed.orders import EXPORT, stream_orders
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import MIB, WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS
from gateway.operations.uploads import SECONDS, take_content
from sojourn.checkout.v1.bulk_shipments_pb2_grpc import BulkShipmentServiceServicer
from sojourn.checkout.v1.order_desk_pb2_grpc import (
    OrderDeskServiceServicer,
    OrderTimelineServiceServicer,
)
from sojourn.checkout.v1.order_edits_pb2_grpc import OrderEditServiceServicer
from sojourn.checkout.v1.order_exports_pb2_grpc import OrderExportServiceServicer

_READ: Final = staff("orders.read", or_scope="orders.write")
_WRITE: Final = staff("orders.write")
_ORDERS: Final = "/v1/staff/orders"
_PATH: Final = f"{_ORDERS}/{{order_id}}"
_ACCOUNTS: Final = "/v1/staff/journal-accounts"
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
        example={"email": "sarah@example.com", "statuses": ["placed"], "page_size": 20},
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
        method="POST",
        path=f"{_ORDERS}/shipments",
        rpc=rpc(BulkShipmentServiceServicer.ShipOrders),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=SECONDS,
        most_bytes=MIB,
        text="Ships up to 500 rows: an order's number, carrier and tracking number, and a SKU with "
        "its quantity where not all of it ships. Each row has its result; one that is refused "
        "stops no other. `dry_run` tells what would happen. A repeat ships nothing twice.",
    ),
    Endpoint(
        method="POST",
        path=f"{_ORDERS}/shipments/csv",
        rpc=rpc(BulkShipmentServiceServicer.ShipOrdersOfFile),
        callers=_WRITE,
        touchpoint=None,
        is_raw=True,
        raw_media="application/octet-stream",
        hidden=frozenset({"content"}),
        prepare=take_content,
        deadline_seconds=SECONDS,
        most_bytes=MIB,
        text="Ships the rows of a CSV with the columns order_number, carrier, tracking_number, "
        "tracking_url, sku, quantity and channel.",
        example="order_number,carrier,tracking_number\nS-100042,DHL,00340434161094042557\n",
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
        method="PUT",
        path=f"{_PATH}/delivery-address",
        rpc=rpc(OrderEditServiceServicer.ChangeDeliveryAddress),
        callers=_WRITE,
        touchpoint=None,
        body="delivery_address",
        key=KeyRule.OPTIONAL,
        text="Sends what has not shipped of an order to another address in the same country, where "
        "it has the same taxes. The price of delivery stays. A repeat changes nothing.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/edits",
        rpc=rpc(OrderEditServiceServicer.EditOrderLines),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        deadline_seconds=COMPLETE_SECONDS,
        text="Adds goods to an order before it ships, and takes others out of it. The added goods "
        "are an order of their own, paid with the price of the others; what they cost less is "
        "refunded, what they cost more asked for by a bank transfer.",
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
        path="/v1/staff/order-export",
        rpc=EXPORT,
        callers=staff("orders.read"),
        touchpoint=None,
        query=Parameters(without=frozenset({"page_token"})),
        ask=stream_orders,
        answer_media="text/csv",
        deadline_seconds=SECONDS,
        text="Orders, their lines, or their journal of a time as CSV, sent as it is read. The "
        "journal has double entries that balance.",
    ),
    Endpoint(
        method="GET",
        path=_ACCOUNTS,
        rpc=rpc(OrderExportServiceServicer.GetJournalAccounts),
        callers=_WRITE,
        touchpoint=None,
        text="The accounts to which the journal of a channel is booked.",
    ),
    Endpoint(
        method="PUT",
        path=_ACCOUNTS,
        rpc=rpc(OrderExportServiceServicer.PutJournalAccounts),
        callers=_WRITE,
        touchpoint=None,
        body="accounts",
        key=KeyRule.OPTIONAL,
        text="Sets the accounts of a channel's journal. Exports of times before follow them too.",
        example={"channel": "web", "accounts": {"revenue": "8400", "clearing:card": "1361"}},
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
