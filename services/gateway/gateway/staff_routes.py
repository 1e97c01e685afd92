"""The back office.

Each route needs a staff token with a scope: the edge checks it before the body is read, and the
services check it again.
"""

import asyncio
from typing import Annotated, Any

from fastapi import Path, Query
from google.protobuf import json_format
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.documents import fill
from chassis.rpc.errors import Invalid
from gateway import bodies
from gateway.access import KIB, MIB, Access
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.conversions import convert, size_of
from gateway.enums import value_of
from gateway.order_routes import COMPLETE_SECONDS, Status, order_reply
from gateway.peers import Area, peers_of
from gateway.problems import WrongService
from gateway.routing import (
    Id,
    Key,
    PageSize,
    PageToken,
    Routes,
    Slug,
    page_of,
    replayed,
    reply_with,
    schemas,
)
from sojourn.cart.v1 import cart_pb2
from sojourn.catalog.v1 import catalog_pb2
from sojourn.checkout.v1 import checkout_pb2
from sojourn.common.v1 import dead_letters_pb2, money_pb2

routes = Routes("back office")
_WRITE = (403, 404, 409)
Sku = Annotated[str, Path(min_length=1, max_length=120)]


class InvalidImport(Invalid):
    """A product or category does not have the documented form."""


async def _parsed(request: Request, field: str, values: list[dict[str, Any]], message: Any) -> Any:
    """Returns the message with the values of a document in it. Raises InvalidImport."""
    return await convert(size_of(request), _parse, field, values, message)


def _parse(field: str, values: list[dict[str, Any]], request: Any) -> Any:
    for line, value in enumerate(values, start=1):
        try:
            fill(getattr(request, field).add(), value)
        except (json_format.ParseError, ValueError, TypeError, RecursionError) as error:
            raise InvalidImport(
                "a line does not have the documented form", line=line, problem=str(error)[:200]
            ) from error
    return request


@routes.add(
    "POST",
    "/v1/staff/products/import",
    access=Access.STAFF,
    scope="catalog.write",
    most_bytes=8 * MIB,
    touchpoint=None,
    reply=catalog_pb2.ImportProductsResponse,
    errors=_WRITE,
)
async def import_products(request: Request, body: bodies.ProductImport, key: Key) -> Response:
    """Creates or replaces up to 500 products by (source, external_id), all or none.

    A repeat changes nothing.
    """
    catalog, seen = peers_of(request).catalog, dict[str, str]()
    message = await _parsed(
        request, "products", body.products, catalog_pb2.ImportProductsRequest(source=body.source)
    )
    reply = await catalog.ask(
        request, catalog.admin.ImportProducts, message, key=key, timeout=30, seen=seen
    )
    return reply_with(render(reply), headers=replayed(seen))


@routes.add(
    "POST",
    "/v1/staff/categories/import",
    access=Access.STAFF,
    scope="catalog.write",
    most_bytes=8 * MIB,
    touchpoint=None,
    reply=catalog_pb2.ImportCategoriesResponse,
    errors=_WRITE,
)
async def import_categories(request: Request, body: bodies.CategoryImport, key: Key) -> Response:
    """Creates or replaces categories by slug; parents come before children."""
    catalog, seen = peers_of(request).catalog, dict[str, str]()
    message = await _parsed(
        request, "categories", body.categories, catalog_pb2.ImportCategoriesRequest()
    )
    reply = await catalog.ask(
        request, catalog.admin.ImportCategories, message, key=key, timeout=30, seen=seen
    )
    return reply_with(render(reply), headers=replayed(seen))


@routes.add(
    "PUT",
    "/v1/staff/pages/{slug}",
    access=Access.STAFF,
    scope="catalog.write",
    most_bytes=512 * KIB,
    touchpoint=None,
    reply=catalog_pb2.ContentPage,
    errors=_WRITE,
)
async def put_page(request: Request, slug: Slug, body: bodies.LandingPage, key: Key) -> Response:
    """Creates or replaces a landing page."""
    catalog, seen = peers_of(request).catalog, dict[str, str]()
    message = catalog_pb2.PutPageRequest(
        slug=slug, channel=context_of(request).channel, **body.model_dump()
    )
    return reply_with(
        render(await catalog.ask(request, catalog.admin.PutPage, message, key=key, seen=seen)),
        headers=replayed(seen),
    )


@routes.add(
    "PUT",
    "/v1/staff/stock/{sku}",
    access=Access.STAFF,
    scope="catalog.write",
    touchpoint=None,
    reply=catalog_pb2.StockLevel,
    errors=_WRITE,
)
async def set_stock(request: Request, sku: Sku, body: bodies.Stock, key: Key) -> Response:
    """Sets what is on hand of a SKU in a warehouse."""
    catalog, seen = peers_of(request).catalog, dict[str, str]()
    message = catalog_pb2.SetStockRequest(sku=sku, warehouse=body.warehouse, on_hand=body.on_hand)
    return reply_with(
        render(await catalog.ask(request, catalog.admin.SetStock, message, key=key, seen=seen)),
        headers=replayed(seen),
    )


@routes.add(
    "GET",
    "/v1/staff/stock/{sku}",
    access=Access.STAFF,
    scope="catalog.write",
    touchpoint=None,
    reply=catalog_pb2.GetStockResponse,
    errors=(403, 404),
)
async def stock(request: Request, sku: Sku) -> Response:
    """Stock levels of a SKU, one per warehouse."""
    catalog = peers_of(request).catalog
    return reply_with(
        render(
            await catalog.ask(request, catalog.admin.GetStock, catalog_pb2.GetStockRequest(sku=sku))
        )
    )


@routes.add(
    "GET",
    "/v1/staff/promotions",
    access=Access.STAFF,
    scope="promotions.write",
    touchpoint=None,
    reply=cart_pb2.ListPromotionsResponse,
    errors=(403,),
)
async def promotions(
    request: Request, page_size: PageSize = 50, page_token: PageToken = ""
) -> Response:
    """All promotions, newest first."""
    cart = peers_of(request).cart
    message = cart_pb2.ListPromotionsRequest(page=page_of(page_size, page_token))
    return reply_with(render(await cart.ask(request, cart.promotions.ListPromotions, message)))


@routes.add(
    "PUT",
    "/v1/staff/promotions/{slug}",
    access=Access.STAFF,
    scope="promotions.write",
    most_bytes=256 * KIB,
    touchpoint=None,
    reply=cart_pb2.Promotion,
    errors=_WRITE,
)
async def put_promotion(
    request: Request, slug: Slug, body: bodies.PromotionInput, key: Key
) -> Response:
    """Creates or replaces a promotion by its code."""
    cart, seen = peers_of(request).cart, dict[str, str]()
    fields = body.model_dump()
    fields["minimum_subtotals"] = [
        money_pb2.Money(**amount) for amount in fields["minimum_subtotals"]
    ]
    message = cart_pb2.PutPromotionRequest(promotion=cart_pb2.Promotion(code=slug, **fields))
    return reply_with(
        render(await cart.ask(request, cart.promotions.PutPromotion, message, key=key, seen=seen)),
        headers=replayed(seen),
    )


@routes.add(
    "GET",
    "/v1/staff/orders",
    access=Access.STAFF,
    scope="orders.read",
    touchpoint=None,
    reply=checkout_pb2.ListOrdersResponse,
    errors=(403,),
)
async def staff_orders(
    request: Request, page_size: PageSize = 20, page_token: PageToken = "", status: Status = ""
) -> Response:
    """All buyers' orders, newest first."""
    checkout = peers_of(request).checkout
    message = checkout_pb2.ListOrdersRequest(
        page=page_of(page_size, page_token),
        status=value_of(checkout_pb2.OrderStatus, status),
        all_buyers=True,
    )
    return reply_with(render(await checkout.ask(request, checkout.orders.ListOrders, message)))


async def _order(request: Request, method: str, message: Any, key: str) -> Response:
    checkout, seen = peers_of(request).checkout, dict[str, str]()
    order = await checkout.ask(
        request,
        getattr(checkout.orders, method),
        message,
        key=key,
        timeout=COMPLETE_SECONDS,
        seen=seen,
    )
    return order_reply(order, seen=seen)


_LATER = {202: "Begun; look at `Location`"}


@routes.add(
    "POST",
    "/v1/staff/orders/{order_id}/shipments",
    access=Access.STAFF,
    scope="orders.write",
    touchpoint=None,
    reply=checkout_pb2.Order,
    errors=_WRITE,
    also=_LATER,
)
async def ship(request: Request, order_id: Id, body: bodies.NewShipment, key: Key) -> Response:
    """Ships lines of a placed order; all that are left where you name none."""
    return await _order(
        request,
        "CreateShipment",
        checkout_pb2.CreateShipmentRequest(order_id=order_id, **body.model_dump()),
        key,
    )


@routes.add(
    "POST", "/v1/staff/orders/{order_id}/shipments/{shipment_id}/delivered", access=Access.STAFF, scope="orders.write",
    touchpoint=None, reply=checkout_pb2.Order, errors=_WRITE, also=_LATER,
)  # fmt: skip
async def mark_delivered(request: Request, order_id: Id, shipment_id: Id, key: Key) -> Response:
    """Records that a shipment arrived. A repeat is fine."""
    return await _order(
        request,
        "MarkDelivered",
        checkout_pb2.MarkDeliveredRequest(order_id=order_id, shipment_id=shipment_id),
        key,
    )


@routes.add(
    "POST",
    "/v1/staff/orders/{order_id}/cancel",
    access=Access.STAFF,
    scope="orders.write",
    touchpoint=None,
    reply=checkout_pb2.Order,
    errors=_WRITE,
    also=_LATER,
)
async def staff_cancel(
    request: Request, order_id: Id, body: bodies.Cancellation, key: Key
) -> Response:
    """Cancels an order that has not shipped: the money goes back, the stock too."""
    message = checkout_pb2.CancelOrderRequest(
        order_id=order_id, reason=value_of(checkout_pb2.OrderReason, body.reason)
    )
    return await _order(request, "CancelOrder", message, key)


@routes.add(
    "POST",
    "/v1/staff/orders/{order_id}/refunds",
    access=Access.STAFF,
    scope="orders.write",
    touchpoint=None,
    reply=checkout_pb2.Order,
    errors=_WRITE,
    also=_LATER,
)
async def refund(request: Request, order_id: Id, body: bodies.Refund, key: Key) -> Response:
    """Refunds part or all of what was captured."""
    message = checkout_pb2.RefundOrderRequest(
        order_id=order_id, reason=value_of(checkout_pb2.OrderReason, body.reason)
    )
    if body.amount is not None:
        message.amount.CopyFrom(money_pb2.Money(**body.amount.model_dump()))
    return await _order(request, "RefundOrder", message, key)


@routes.add(
    "POST",
    "/v1/staff/reconcile",
    access=Access.STAFF,
    scope="orders.write",
    touchpoint=None,
    reply=checkout_pb2.ReconcileResponse,
    errors=(403,),
)
async def reconcile(request: Request) -> Response:
    """Looks for stuck orders, charges without an order and reservations without one, and mends what
    it can.
    """
    checkout = peers_of(request).checkout
    return reply_with(
        render(
            await checkout.ask(
                request, checkout.orders.Reconcile, checkout_pb2.ReconcileRequest(), timeout=30
            )
        )
    )


def _consumers(request: Request) -> dict[str, Area]:
    peers = peers_of(request)
    return {
        "catalog": peers.catalog,
        "cart": peers.cart,
        "checkout": peers.checkout,
        "journey": peers.journey,
        "notifications": peers.notifications,
    }


def _listed(name: str, item: type[Message], order: str) -> dict[str, Any]:
    """Returns the schema of a list by service."""
    return {
        "type": "object",
        "required": [name, "degraded"],
        "properties": {
            name: {
                "type": "object",
                "additionalProperties": {"type": "array", "items": schemas.ref(item)},
                "description": order,
            },
            "degraded": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Services that did not answer.",
            },
        },
    }


async def _list(
    request: Request,
    name: str,
    services: dict[str, Area],
    service: str,
    method: str,
    message: Message,
) -> Response:
    """Asks all services, or one, for what `name` lists.

    Raises WrongService, and the refusal of a service where none answers.
    """
    if service and service not in services:
        raise WrongService("no such service", service=service)
    names = [service] if service else list(services)
    asked = (
        services[each].ask(request, getattr(services[each].dead_letters, method), message)
        for each in names
    )
    replies = await asyncio.gather(*asked, return_exceptions=True)
    if all(isinstance(reply, BaseException) for reply in replies):
        raise next(reply for reply in replies if isinstance(reply, BaseException))
    found = {
        each: render(reply)[name]
        for each, reply in zip(names, replies, strict=True)
        if not isinstance(reply, BaseException)
    }
    return reply_with({name: found, "degraded": [each for each in names if each not in found]})


@routes.add(
    "GET", "/v1/staff/dead-letters", access=Access.STAFF, scope="dead_letters.read", touchpoint=None,
    reply=_listed("dead_letters", dead_letters_pb2.DeadLetter, "By service, oldest first."), errors=(403, 409),
)  # fmt: skip
async def dead_letters(
    request: Request, service: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Events that services gave up on; of all services, or of one."""
    message = dead_letters_pb2.ListDeadLettersRequest(page_size=200)
    return await _list(
        request, "dead_letters", _consumers(request), service, "ListDeadLetters", message
    )


@routes.add(
    "GET", "/v1/staff/skipped-rows", access=Access.STAFF, scope="dead_letters.read", touchpoint=None,
    reply=_listed("skipped_rows", dead_letters_pb2.SkippedRow, "By service, those skipped last first."), errors=(403, 409),
)  # fmt: skip
async def skipped_rows(
    request: Request, service: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Rows that loops of services left out because they cannot handle them; of all services, or of
    one.
    """
    services = {**_consumers(request), "identity": peers_of(request).identity}
    return await _list(
        request,
        "skipped_rows",
        services,
        service,
        "ListSkippedRows",
        dead_letters_pb2.ListSkippedRowsRequest(page_size=200),
    )


@routes.add(
    "POST",
    "/v1/staff/dead-letters/redrive",
    access=Access.STAFF,
    scope="dead_letters.redrive",
    touchpoint=None,
    reply=dead_letters_pb2.RedriveDeadLettersResponse,
    errors=(403, 409),
)
async def redrive(request: Request, body: bodies.Redrive) -> Response:
    """Gives dead letters back to their service, where each is handled at most once."""
    consumers = _consumers(request)
    if body.service not in consumers:
        raise WrongService("no such service", service=body.service)
    area = consumers[body.service]
    message = dead_letters_pb2.RedriveDeadLettersRequest(sequences=body.sequences)
    return reply_with(
        render(await area.ask(request, area.dead_letters.RedriveDeadLetters, message))
    )
