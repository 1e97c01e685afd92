"""Carts with what checkout says of their delivery."""

import asyncio
from typing import Any, Final

from starlette.responses import Response

from chassis.quantity import PIECE
from chassis.rpc.errors import DomainError
from gateway.contracts.encoding import render, to_json
from gateway.contracts.rpc import rpc
from gateway.contracts.schemas import Composed, list_of
from gateway.endpoints.answers import language_of, raw_answer
from gateway.endpoints.exchange import Exchange
from gateway.endpoints.preconditions import content_etag
from gateway.peers import CallOptions
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1.checkout_pb2_grpc import CheckoutServiceServicer
from sojourn.common.v1 import money_pb2, quantity_pb2

DELIVERY_OPTIONS: Final = "delivery_options"
ESTIMATE_SECONDS: Final = 1.0
ESTIMATE_DELIVERY: Final = rpc(CheckoutServiceServicer.EstimateDelivery)
CART_PAGE: Final = Composed(
    name="CartPage",
    message=pb.Cart,
    parts={
        DELIVERY_OPTIONS: list_of(
            checkout_pb2.DeliveryOption,
            "How the cart could be delivered, cheapest first. Only with `expand=delivery_options`, "
            "and if checkout answered: else `degraded` names it.",
        )
    },
    optional=frozenset({DELIVERY_OPTIONS}),
)


async def cart_page(exchange: Exchange[Any], cart: pb.Cart) -> Response:
    """Returns the cart, and its delivery options where they are asked for."""
    document: dict[str, object] = {**render(cart), "degraded": []}
    if DELIVERY_OPTIONS in exchange.expand:
        try:
            document[DELIVERY_OPTIONS] = await _delivery_options(exchange, cart)
        except (DomainError, TimeoutError):
            document["degraded"] = [DELIVERY_OPTIONS]
    body = to_json(document)
    headers = {"ETag": content_etag(cart.version, body), **language_of(cart.locale)}
    is_new = exchange.request.method == "POST" and exchange.request.url.path == "/v1/carts"
    if is_new:
        headers["Location"] = f"/v1/carts/{cart.id}"
    return raw_answer(body, status=201 if is_new else 200, headers=headers)


async def _delivery_options(exchange: Exchange[Any], cart: pb.Cart) -> list[object]:
    if not cart.lines:
        return []
    subtotals = [total for total in cart.totals if total.type == money_pb2.TOTAL_TYPE_SUBTOTAL]
    message = checkout_pb2.EstimateDeliveryRequest(
        mass_grams=sum(line.item.mass_grams for line in cart.lines),
        volume_cm3=sum(line.item.volume_cm3 for line in cart.lines),
        subtotal=subtotals[0].amount if subtotals else money_pb2.Money(currency=cart.currency),
        channel=cart.channel,
        pieces=sum(_pieces(line.item.quantity) for line in cart.lines),
    )
    options = CallOptions(timeout=ESTIMATE_SECONDS)
    asked = exchange.ask(ESTIMATE_DELIVERY, message, options)
    reply = await asyncio.wait_for(asked, ESTIMATE_SECONDS)
    return [render(option) for option in reply.options]


def _pieces(quantity: quantity_pb2.Quantity) -> int:
    """Returns a count of pieces; goods that are sold by a measure are one."""
    is_counted = not quantity.scale and quantity.unit_code in ("", PIECE)
    return quantity.steps if is_counted else 1
