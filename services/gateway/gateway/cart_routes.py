"""Carts.

Each answer is the whole cart with totals and, where checkout answers, a delivery estimate.
"""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.errors import DomainError
from gateway import bodies
from gateway.access import Access
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.peers import peers_of
from gateway.routing import (
    Id,
    IfMatch,
    Key,
    Routes,
    etag_of,
    replayed,
    reply_with,
    schemas,
    version_of,
)
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2
from sojourn.common.v1 import money_pb2

routes = Routes("carts")
ESTIMATE_SECONDS = 1.0
_CART = schemas.composed(
    "CartPage",
    pb.Cart,
    delivery_options={
        "anyOf": [
            {"type": "array", "items": schemas.ref(checkout_pb2.DeliveryOption)},
            {"type": "null"},
        ],
        "description": "How the cart could be delivered, cheapest first; null where that could "
        "not be asked.",
    },
)
_CHANGE = (403, 404, 409, 412)


async def _page(
    request: Request, cart: pb.Cart, *, status: int = 200, seen: dict[str, str] | None = None
) -> Response:
    """The cart with its delivery estimate, or without it and saying so."""
    options: list[Any] | None = []
    degraded: list[str] = []
    if cart.lines:
        try:
            options = await _estimate(request, cart)
        except (DomainError, TimeoutError):
            options, degraded = None, ["delivery_options"]
    body = {**render(cart), "delivery_options": options, "degraded": degraded}
    return reply_with(
        body, status=status, headers={**etag_of(cart.version), **replayed(seen or {})}
    )


async def _estimate(request: Request, cart: pb.Cart) -> list[Any]:
    """Ways to deliver.

    They follow from weight, amount and channel alone, so what checkout said lately is said again.
    """
    checkout, estimates = peers_of(request).checkout, request.app.state.estimates
    total = next(
        (total.amount for total in cart.totals if total.type == money_pb2.TOTAL_TYPE_SUBTOTAL),
        money_pb2.Money(currency=cart.currency),
    )
    mass = sum(line.item.mass_grams for line in cart.lines)
    options: list[Any] | None = estimates.get(
        cart.channel, total.currency, mass, total.amount_minor
    )
    if options is None:
        message = checkout_pb2.EstimateDeliveryRequest(
            mass_grams=mass, subtotal=total, channel=cart.channel
        )
        ask = checkout.ask(
            request,
            checkout.checkouts.EstimateDelivery,
            message,
            timeout=ESTIMATE_SECONDS,
            together=True,
        )
        reply = await asyncio.wait_for(ask, ESTIMATE_SECONDS)
        options = [render(option) for option in reply.options]
        estimates.put(cart.channel, message, reply, options)
    return options


async def _change(
    request: Request, method: str, message: Any, key: str, *, status: int = 200
) -> Response:
    cart, seen = peers_of(request).cart, dict[str, str]()
    reply = await cart.ask(request, getattr(cart.carts, method), message, key=key, seen=seen)
    return await _page(request, reply, status=status, seen=seen)


@routes.add(
    "POST",
    "/v1/carts",
    access=Access.SHOPPER,
    touchpoint="cart.create",
    reply=_CART,
    status=201,
    errors=_CHANGE,
)
async def create_cart(request: Request, body: bodies.NewCart, key: Key) -> Response:
    """Makes a cart, with first lines where you send some."""
    lines = [
        pb.LineInput(variant_id=line.variant_id, quantity=line.quantity) for line in body.lines
    ]
    message = pb.CreateCartRequest(
        channel=context_of(request).channel,
        currency=body.currency or "",
        locale=body.locale or "",
        lines=lines,
    )
    return await _change(request, "CreateCart", message, key, status=201)


@routes.add(
    "GET",
    "/v1/carts/current",
    access=Access.SHOPPER,
    touchpoint="cart.view",
    reply=_CART,
    errors=(403, 404),
)
async def current_cart(request: Request) -> Response:
    """The caller's newest open cart, priced now."""
    cart = peers_of(request).cart
    message = pb.GetCurrentCartRequest(channel=context_of(request).channel)
    return await _page(request, await cart.ask(request, cart.carts.GetCurrentCart, message))


@routes.add(
    "POST",
    "/v1/carts/restore",
    access=Access.SHOPPER,
    touchpoint="cart.restore",
    reply=_CART,
    errors=_CHANGE,
)
async def restore_cart(request: Request, body: bodies.RestoredCart, key: Key) -> Response:
    """Opens a saved cart by the secret of its link: its lines become the caller's."""
    return await _change(
        request, "RestoreCart", pb.RestoreCartRequest(restore_token=body.restore_token), key
    )


@routes.add(
    "GET",
    "/v1/carts/{cart_id}",
    access=Access.SHOPPER,
    touchpoint="cart.view",
    reply=_CART,
    errors=(403, 404),
)
async def cart(request: Request, cart_id: Id) -> Response:
    """A cart, priced now."""
    peer = peers_of(request).cart
    return await _page(
        request, await peer.ask(request, peer.carts.GetCart, pb.GetCartRequest(cart_id=cart_id))
    )


@routes.add(
    "POST",
    "/v1/carts/{cart_id}/lines",
    access=Access.SHOPPER,
    touchpoint="cart.add",
    reply=_CART,
    errors=_CHANGE,
)
async def add_line(
    request: Request, cart_id: Id, body: bodies.CartLine, key: Key, if_match: IfMatch = ""
) -> Response:
    """Adds a quantity of a variant; a second time raises the line's."""
    line = pb.LineInput(variant_id=body.variant_id, quantity=body.quantity)
    return await _change(
        request,
        "AddLine",
        pb.AddLineRequest(cart_id=cart_id, line=line, expected_version=version_of(if_match)),
        key,
    )


@routes.add(
    "PATCH",
    "/v1/carts/{cart_id}/lines/{line_id}",
    access=Access.SHOPPER,
    touchpoint="cart.change",
    reply=_CART,
    errors=_CHANGE,
)
async def set_line_quantity(
    request: Request,
    cart_id: Id,
    line_id: Id,
    body: bodies.LineQuantity,
    key: Key,
    if_match: IfMatch = "",
) -> Response:
    """Sets a line's quantity; 0 removes it."""
    message = pb.SetLineQuantityRequest(
        cart_id=cart_id,
        line_id=line_id,
        quantity=body.quantity,
        expected_version=version_of(if_match),
    )
    return await _change(request, "SetLineQuantity", message, key)


@routes.add(
    "POST",
    "/v1/carts/{cart_id}/coupons",
    access=Access.SHOPPER,
    touchpoint="cart.coupon",
    reply=_CART,
    errors=_CHANGE,
)
async def apply_coupon(request: Request, cart_id: Id, body: bodies.Coupon, key: Key) -> Response:
    """Adds a coupon code."""
    return await _change(
        request, "ApplyCoupon", pb.ApplyCouponRequest(cart_id=cart_id, code=body.code), key
    )


@routes.add(
    "DELETE",
    "/v1/carts/{cart_id}/coupons/{code}",
    access=Access.SHOPPER,
    touchpoint="cart.coupon",
    reply=_CART,
    errors=_CHANGE,
)
async def remove_coupon(request: Request, cart_id: Id, code: bodies.Code) -> Response:
    """Takes a coupon code off."""
    return await _change(
        request, "RemoveCoupon", pb.RemoveCouponRequest(cart_id=cart_id, code=code), ""
    )


@routes.add(
    "POST",
    "/v1/carts/{cart_id}/save",
    access=Access.SHOPPER,
    touchpoint="cart.save",
    reply=_CART,
    errors=_CHANGE,
)
async def save_cart(request: Request, cart_id: Id, body: bodies.SavedCart, key: Key) -> Response:
    """Keeps an e-mail address with the cart; answers the secret of the link that restores it."""
    return await _change(
        request,
        "SaveCart",
        pb.SaveCartRequest(cart_id=cart_id, email=body.email, remind=body.remind),
        key,
    )
