"""Checkouts and orders."""

from typing import Annotated, Any

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway import bodies
from gateway.access import KIB, Access
from gateway.contracts.encoding import render
from gateway.enums import NameOf, value_of
from gateway.peers import peers_of
from gateway.routing import (
    Id,
    IfMatch,
    Key,
    PageSize,
    PageToken,
    Routes,
    amount_of,
    etag_of,
    etag_of_amount,
    page_of,
    replayed,
    reply_with,
    version_of,
)
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.common.v1 import address_pb2, money_pb2

routes = Routes("checkouts and orders")
# The service answers within 10 s with what there is.
COMPLETE_SECONDS = 15.0
UNFINISHED = (pb.ORDER_STATUS_PENDING, pb.ORDER_STATUS_ACTION_REQUIRED)
Status = Annotated[
    str, NameOf(pb.OrderStatus, or_empty=True), Query(description="only orders in this state")
]


def _checkout(
    checkout: pb.Checkout, *, status: int = 200, seen: dict[str, str] | None = None
) -> Response:
    total = next(
        (total.amount for total in checkout.totals if total.type == money_pb2.TOTAL_TYPE_TOTAL),
        None,
    )
    tag = (
        etag_of_amount(checkout.version, total) if total is not None else etag_of(checkout.version)
    )
    return reply_with(render(checkout), status=status, headers={**tag, **replayed(seen or {})})


def order_reply(
    order: pb.Order, *, status: int = 200, seen: dict[str, str] | None = None
) -> Response:
    """An order; 202 with where to look while it is neither placed nor refused."""
    headers = {**etag_of(order.version), **replayed(seen or {})}
    if order.status in UNFINISHED:
        status = 202
    if status in (201, 202):
        headers["Location"] = f"/v1/orders/{order.id}"
    return reply_with(render(order), status=status, headers=headers)


_PENDING = {
    202: "Not decided yet, or waiting for the buyer (see `payments[].action_url`): look at "
    "`Location`"
}


def _fields(body: bodies.CheckoutChange) -> dict[str, Any]:
    fields = body.model_dump(exclude_none=True)
    if address := fields.pop("delivery_address", None):
        fields["delivery_address"] = address_pb2.Address(**address)
    return fields


@routes.add(
    "POST",
    "/v1/checkouts",
    access=Access.SHOPPER,
    touchpoint="checkout.start",
    reply=pb.Checkout,
    status=201,
    errors=(403, 404, 409),
)
async def create_checkout(request: Request, body: bodies.NewCheckout, key: Key) -> Response:
    """Begins a checkout of a cart.

    Send with it what you know already: with all of it, the next call may complete it.
    """
    checkout, seen = peers_of(request).checkout, dict[str, str]()
    message = pb.CreateCheckoutRequest(**_fields(body))
    return _checkout(
        await checkout.ask(request, checkout.checkouts.CreateCheckout, message, key=key, seen=seen),
        status=201,
        seen=seen,
    )


@routes.add(
    "GET",
    "/v1/checkouts/{checkout_id}",
    access=Access.SHOPPER,
    touchpoint="checkout.review",
    reply=pb.Checkout,
    errors=(403, 404),
)
async def checkout(request: Request, checkout_id: Id) -> Response:
    """A checkout, priced now: delivery options, taxes, totals, and what is missing."""
    peer = peers_of(request).checkout
    return _checkout(
        await peer.ask(
            request, peer.checkouts.GetCheckout, pb.GetCheckoutRequest(checkout_id=checkout_id)
        )
    )


@routes.add(
    "PATCH",
    "/v1/checkouts/{checkout_id}",
    access=Access.SHOPPER,
    touchpoint="checkout.update",
    reply=pb.Checkout,
    errors=(403, 404, 409, 412),
)
async def update_checkout(
    request: Request, checkout_id: Id, body: bodies.CheckoutChange, key: Key, if_match: IfMatch = ""
) -> Response:
    """Sets e-mail, address, delivery option or payment method: what you send."""
    peer, seen = peers_of(request).checkout, dict[str, str]()
    message = pb.UpdateCheckoutRequest(
        checkout_id=checkout_id, expected_version=version_of(if_match), **_fields(body)
    )
    return _checkout(
        await peer.ask(request, peer.checkouts.UpdateCheckout, message, key=key, seen=seen),
        seen=seen,
    )


@routes.add(
    "DELETE",
    "/v1/checkouts/{checkout_id}",
    access=Access.SHOPPER,
    touchpoint="checkout.cancel",
    reply=pb.Checkout,
    errors=(403, 404, 409),
)
async def cancel_checkout(request: Request, checkout_id: Id) -> Response:
    """Gives a checkout up. A repeat is fine."""
    peer = peers_of(request).checkout
    return _checkout(
        await peer.ask(
            request,
            peer.checkouts.CancelCheckout,
            pb.CancelCheckoutRequest(checkout_id=checkout_id),
        )
    )


@routes.add(
    "POST",
    "/v1/checkouts/{checkout_id}/complete",
    access=Access.SHOPPER,
    touchpoint="order.place",
    reply=pb.Order,
    status=201,
    errors=(403, 404, 409, 412, 428),
    also=_PENDING,
)
async def complete_checkout(
    request: Request,
    checkout_id: Id,
    key: Key,
    body: bodies.Completion | None = None,
    if_match: IfMatch = "",
) -> Response:
    """Places the order: one key, one order, one charge.

    A refusal is a 409 with its reason, and the money is untouched.

    Send `expected_total`, the total that the buyer saw, or `If-Match` with the ETag of the checkout
    that showed it: nobody is charged an amount that they did not see.
    """
    peer, seen = peers_of(request).checkout, dict[str, str]()
    message = pb.CompleteCheckoutRequest(
        checkout_id=checkout_id, expected_version=version_of(if_match)
    )
    # The ETag tells what the buyer saw, the total too.
    expected = body.expected_total if body is not None else None
    if expected is not None:
        message.expected_total.CopyFrom(money_pb2.Money(**expected.model_dump()))
    elif (seen_total := amount_of(if_match)) is not None:
        message.expected_total.CopyFrom(seen_total)
    order = await peer.ask(
        request,
        peer.checkouts.CompleteCheckout,
        message,
        key=key,
        timeout=COMPLETE_SECONDS,
        seen=seen,
    )
    return order_reply(order, status=201, seen=seen)


@routes.add(
    "GET",
    "/v1/orders",
    access=Access.SHOPPER,
    touchpoint="order.list",
    reply=pb.ListOrdersResponse,
    errors=(403,),
)
async def orders(
    request: Request, page_size: PageSize = 20, page_token: PageToken = "", status: Status = ""
) -> Response:
    """The caller's orders, newest first."""
    peer = peers_of(request).checkout
    message = pb.ListOrdersRequest(
        page=page_of(page_size, page_token), status=value_of(pb.OrderStatus, status)
    )
    return reply_with(render(await peer.ask(request, peer.orders.ListOrders, message)))


@routes.add(
    "GET",
    "/v1/orders/{order_id}",
    access=Access.SHOPPER,
    touchpoint="order.view",
    reply=pb.Order,
    errors=(403, 404),
)
async def order(request: Request, order_id: Id) -> Response:
    """An order with payments, shipments and history, in one call."""
    peer = peers_of(request).checkout
    found = await peer.ask(request, peer.orders.GetOrder, pb.GetOrderRequest(order_id=order_id))
    return reply_with(render(found), headers=etag_of(found.version))


@routes.add(
    "POST",
    "/v1/orders/{order_id}/cancel",
    access=Access.SHOPPER,
    touchpoint="order.cancel",
    reply=pb.Order,
    errors=(403, 404, 409),
    also=_PENDING,
)
async def cancel_order(
    request: Request, order_id: Id, body: bodies.Cancellation, key: Key
) -> Response:
    """Cancels an order that has not shipped; the money goes back. A repeat is fine."""
    peer, seen = peers_of(request).checkout, dict[str, str]()
    message = pb.CancelOrderRequest(order_id=order_id, reason=value_of(pb.OrderReason, body.reason))
    return order_reply(
        await peer.ask(
            request, peer.orders.CancelOrder, message, key=key, timeout=COMPLETE_SECONDS, seen=seen
        ),
        seen=seen,
    )


@routes.add(
    "POST",
    "/v1/orders/{order_id}/payment/continue",
    access=Access.SHOPPER,
    touchpoint="order.pay",
    reply=pb.Order,
    errors=(403, 404, 409),
    also=_PENDING,
)
async def continue_payment(request: Request, order_id: Id) -> Response:
    """Goes on after the buyer passed their bank's challenge. A repeat is fine."""
    peer = peers_of(request).checkout
    message = pb.ContinuePaymentRequest(order_id=order_id)
    return order_reply(
        await peer.ask(request, peer.orders.ContinuePayment, message, timeout=COMPLETE_SECONDS)
    )


@routes.add(
    "POST", "/v1/webhooks/payments/{provider}", access=Access.PUBLIC, most_bytes=256 * KIB, touchpoint=None, reply=None, status=204, errors=(404,),
    body={"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
)  # fmt: skip
async def payment_webhook(request: Request, provider: bodies.Code) -> Response:
    """Takes a payment provider's webhook; its signature is checked behind this."""
    peer = peers_of(request).checkout
    signature = next(
        (value for name, value in request.headers.items() if name.endswith("-signature")), ""
    )
    message = pb.ReceiveWebhookRequest(
        provider=provider, body=await request.body(), signature=signature
    )
    await peer.ask(request, peer.orders.ReceiveWebhook, message, authorization="")
    return Response(status_code=204)
