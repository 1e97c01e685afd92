"""Orders after placing: those of the caller, and the webhooks of payment providers."""

from typing import Final

from gateway.composed.orders import (
    new_order,
    order_page,
    take_order_to_repeat,
    take_webhook,
)
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS, PENDING
from sojourn.cart.v1.reorders_pb2_grpc import ReorderServiceServicer
from sojourn.checkout.v1.account_offers_pb2_grpc import AccountOfferServiceServicer
from sojourn.checkout.v1.checkout_pb2_grpc import OrderLinkServiceServicer, OrderServiceServicer
from sojourn.checkout.v1.order_desk_pb2_grpc import OrderTimelineServiceServicer
from sojourn.checkout.v1.pickup_service_pb2_grpc import PickupServiceServicer
from sojourn.checkout.v1.quick_orders_pb2_grpc import QuickOrderServiceServicer

_LINKS: Final = "/v1/orders/links"
_PATH: Final = "/v1/orders/{order_id}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/orders",
        rpc=rpc(OrderServiceServicer.ListOrders),
        callers=SHOPPER,
        touchpoint="order.list",
        hidden=frozenset({"all_buyers"}),
        query=Parameters(defaults={"page_size": 20}),
        text="The caller's orders, newest first; also those of a time, or with a number, a SKU or "
        "a text in the title of a line. With `of_organization` all orders of the organization for "
        "which the caller buys, for its managers.",
    ),
    Endpoint(
        method="POST",
        path="/v1/orders",
        rpc=rpc(QuickOrderServiceServicer.PlaceQuickOrder),
        callers=SHOPPER,
        touchpoint="order.place",
        body=WHOLE,
        compose=new_order,
        status=201,
        also=PENDING,
        deadline_seconds=COMPLETE_SECONDS,
        text="Places the order of a cart in one call, with what the customer uses: the default "
        "address of their account, and the delivery option and payment method of their last order "
        "where they are still offered. One key, one order, one charge: a repeat with the key goes "
        "on where the call before it ended.\n\nA refusal that has a `checkout_id` leaves that "
        "checkout open: `missing` of CHECKOUT_NOT_READY names all that it lacks, `total_minor` of "
        "PRICE_CHANGED the present total. Go on with the checkout.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(OrderServiceServicer.GetOrder),
        callers=SHOPPER,
        touchpoint="order.view",
        text="An order with payments, shipments and history, in one call.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/account-offer",
        rpc=rpc(AccountOfferServiceServicer.GetAccountOffer),
        callers=SHOPPER,
        touchpoint="order.view",
        is_secret=True,
        text="What a guest entered for an order, to register with: send it with a password to "
        "`POST /v1/customers`, and the order is the new customer's.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/timeline",
        rpc=rpc(OrderTimelineServiceServicer.GetOrderTimeline),
        callers=SHOPPER,
        touchpoint="order.view",
        text="What happened to an order, oldest first: states, payments, parcels, returns and "
        "refunds.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/pickup-code",
        rpc=rpc(PickupServiceServicer.GetPickupCode),
        callers=SHOPPER,
        touchpoint="order.pickup_code",
        is_secret=True,
        text="The code that the buyer shows in the store, once the order is ready there.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/cancel",
        rpc=rpc(OrderServiceServicer.CancelOrder),
        callers=SHOPPER,
        touchpoint="order.cancel",
        body=WHOLE,
        compose=order_page,
        also=PENDING,
        key=KeyRule.OPTIONAL,
        deadline_seconds=COMPLETE_SECONDS,
        text="Cancels an order that has not shipped; the money goes back. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/cancellations",
        rpc=rpc(OrderServiceServicer.CancelOrderLines),
        callers=SHOPPER,
        touchpoint="order.cancel_lines",
        body=WHOLE,
        compose=order_page,
        also=PENDING,
        deadline_seconds=COMPLETE_SECONDS,
        text="Cancels quantities that have not shipped: what was paid for them goes back. All that "
        "is left of an order that has not shipped cancels the order.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/reorder",
        rpc=rpc(ReorderServiceServicer.Reorder),
        callers=SHOPPER,
        touchpoint="cart.reorder",
        body=WHOLE,
        hidden=frozenset({"order"}),
        prepare=take_order_to_repeat,
        errors=frozenset({"ORDER_NOT_FOUND", "ORDER_LINK_NOT_FOUND"}),
        text="Puts the lines of an order into a cart of the caller at today's prices, and tells "
        "line by line what became of them. Gift cards and digital goods are added where "
        "`line_ids` names them.\n\nA buyer without an account sends the `access_token` of the "
        "order's mailed link.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/payment/continue",
        rpc=rpc(OrderServiceServicer.ContinuePayment),
        callers=SHOPPER,
        touchpoint="order.pay",
        compose=order_page,
        also=PENDING,
        key=KeyRule.NONE,
        deadline_seconds=COMPLETE_SECONDS,
        text="Goes on after the buyer passed their bank's challenge. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=_LINKS,
        rpc=rpc(OrderLinkServiceServicer.RequestOrderLink),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        sends_token=False,
        status=202,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="Mails a link to an order, to the address that it was placed with. The answer is the "
        "same if there is no such order.",
    ),
    Endpoint(
        method="POST",
        path=f"{_LINKS}/open",
        rpc=rpc(OrderLinkServiceServicer.OpenOrderLink),
        callers=PUBLIC,
        touchpoint="order.view",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="Trades the token of a mailed link for the order, and a token that reads it for an "
        "hour. The link carries its secret in the fragment; the page that it leads to POSTs it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_LINKS}/order",
        rpc=rpc(OrderLinkServiceServicer.GetLinkedOrder),
        callers=PUBLIC,
        touchpoint="order.view",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="The order of an access token as it is now. The token is a secret, and so is posted.",
    ),
    Endpoint(
        method="POST",
        path="/v1/webhooks/payments/{provider}",
        rpc=rpc(OrderServiceServicer.ReceiveWebhook),
        callers=PUBLIC,
        touchpoint=None,
        is_raw=True,
        hidden=frozenset({"body", "signature"}),
        prepare=take_webhook,
        sends_token=False,
        status=204,
        key=KeyRule.NONE,
        limit=Limit.WEBHOOK,
        most_bytes=256 * KIB,
        text="Takes a payment provider's webhook; its signature, in the provider's own header, is "
        "checked behind this.",
        example={"id": "evt_1", "type": "payment.captured", "data": {"payment_id": "pay_1"}},
    ),
)
