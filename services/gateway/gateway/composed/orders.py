"""Checkouts, orders and their documents for their buyers, and exports of orders."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from chassis.rpc.documents import enum_name
from chassis.rpc.errors import NotFound
from gateway.composed.discovery.parts import ask_patiently
from gateway.contracts.encoding import render, to_json
from gateway.contracts.rpc import rpc
from gateway.endpoints.answers import NO_STORE, json_answer, language_of, raw_answer
from gateway.endpoints.exchange import Exchange
from gateway.endpoints.preconditions import amount_of, content_etag, etag_of
from gateway.peers import CallOptions
from sojourn.cart.v1 import reorders_pb2
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import documents_pb2, tracking_pb2
from sojourn.checkout.v1 import order_exports_pb2 as exports_pb
from sojourn.checkout.v1.checkout_pb2_grpc import OrderLinkServiceServicer, OrderServiceServicer
from sojourn.checkout.v1.order_exports_pb2_grpc import OrderExportServiceServicer
from sojourn.common.v1 import money_pb2

GET_ORDER: Final = rpc(OrderServiceServicer.GetOrder)
GET_LINKED_ORDER: Final = rpc(OrderLinkServiceServicer.GetLinkedOrder)
EXPORT: Final = rpc(OrderExportServiceServicer.ExportOrders)
_UNFINISHED: Final = (pb.ORDER_STATUS_PENDING, pb.ORDER_STATUS_ACTION_REQUIRED)


class OrderLinkNotFound(NotFound):
    """The link to the order is unknown, expired or used: ask for another."""


async def checkout_page(exchange: Exchange[Any], checkout: pb.Checkout) -> Response:
    """Returns the checkout. Its ETag names the total too, which changes without a new version."""
    body = to_json(render(checkout))
    totals = (each.amount for each in checkout.totals if each.type == money_pb2.TOTAL_TYPE_TOTAL)
    etag = content_etag(checkout.version, body, next(totals, None))
    return raw_answer(body, headers={"ETag": etag, **language_of(checkout.locale)})


async def new_checkout(exchange: Exchange[Any], checkout: pb.Checkout) -> Response:
    """Returns a checkout that was made, and where it is."""
    response = await checkout_page(exchange, checkout)
    response.status_code = 201
    response.headers["Location"] = f"/v1/checkouts/{checkout.id}"
    return response


async def expect_seen_total(exchange: Exchange[pb.CompleteCheckoutRequest]) -> None:
    """Expects the total that the ETag in If-Match names, where the body does not say one."""
    message = exchange.message
    seen = amount_of(exchange.request.headers.get("if-match", ""))
    if seen is not None and not message.HasField("expected_total"):
        message.expected_total.CopyFrom(seen)


async def order_page(exchange: Exchange[Any], order: pb.Order) -> Response:
    """Returns an order; 202 with where to look while it is neither placed nor refused."""
    return _order(order, 200)


async def new_order(exchange: Exchange[Any], order: pb.Order) -> Response:
    """Returns an order that was placed, and where it is."""
    return _order(order, 201)


def _order(order: pb.Order, status: int) -> Response:
    headers = {"ETag": etag_of(order.version), **language_of(order.locale)}
    if order.status in _UNFINISHED:
        status = 202
    if status in (201, 202):
        headers["Location"] = f"/v1/orders/{order.id}"
    return json_answer(render(order), status=status, headers=headers)


async def take_webhook(
    exchange: Exchange[pb.ReceiveWebhookRequest]
    | Exchange[tracking_pb2.ReceiveCarrierWebhookRequest],
) -> None:
    """Takes the body as it came, and the signature; they are checked behind this."""
    request, message = exchange.request, exchange.message
    signatures = (text for name, text in request.headers.items() if name.endswith("-signature"))
    message.body, message.signature = await request.body(), next(signatures, "")


async def document_answer(
    exchange: Exchange[Any], reply: documents_pb2.OrderDocumentFile
) -> Response:
    """Returns the bytes of a file, or 304 where the client has them.

    Nobody but the client keeps them: they are a person's.
    """
    etag = f'"{reply.sha256}"'
    headers = {**NO_STORE, "ETag": etag}
    known = exchange.request.headers.get("if-none-match", "")
    if etag in [part.strip().removeprefix("W/") for part in known.split(",")]:
        return Response(status_code=304, headers=headers)
    headers |= {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(reply.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(reply.content, media_type=reply.media_type, headers=headers)


async def stream_orders(exchange: Exchange[exports_pb.ExportOrdersRequest]) -> Response:
    """Returns an export part by part. A refusal comes before the first byte.

    Where a later part fails for long, the connection ends before the end of the file.
    """
    first = await exchange.ask(EXPORT, exchange.message, exchange.options)
    kind = enum_name(exports_pb.OrderExportKind.DESCRIPTOR, exchange.message.kind)
    return StreamingResponse(
        _parts_of_export(exchange, first),
        media_type="text/csv",
        headers={**NO_STORE, "Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


async def _parts_of_export(
    exchange: Exchange[exports_pb.ExportOrdersRequest], part: exports_pb.ExportOrdersResponse
) -> AsyncIterator[bytes]:
    while True:
        yield part.content
        if not part.next_page_token:
            return
        exchange.message.page_token = part.next_page_token
        part = await ask_patiently(
            partial(exchange.ask, EXPORT, exchange.message, exchange.options)
        )


async def take_order_to_repeat(exchange: Exchange[reorders_pb2.ReorderRequest]) -> None:
    """Adds what the order had: the caller's, or that of an access token, which goes no further.

    What was ordered is named whatever became of it, so that a repeat with the key is the same.
    Raises ORDER_NOT_FOUND, ORDER_LINK_NOT_FOUND.
    """
    message = exchange.message
    if message.access_token:
        linked = pb.GetLinkedOrderRequest(access_token=message.access_token)
        order = await exchange.ask(GET_LINKED_ORDER, linked, CallOptions(authorization=""))
        if order.id != message.order_id:
            raise OrderLinkNotFound("the token is of another order")
        message.ClearField("access_token")
    else:
        order = await exchange.ask(GET_ORDER, pb.GetOrderRequest(order_id=message.order_id))
    message.order.CopyFrom(
        reorders_pb2.OrderedLines(
            channel=order.channel,
            currency=order.currency,
            locale=order.locale,
            lines=[reorders_pb2.OrderedLine(id=line.id, item=line.item) for line in order.lines],
        )
    )
