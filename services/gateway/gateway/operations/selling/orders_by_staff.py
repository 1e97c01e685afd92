"""Orders that staff place for shoppers, at the till or on the phone.

The answer's token is the shopper's in the hand of the staff: send it to `/v1/carts` and
`/v1/checkouts`, as the shopper would.
"""

from typing import Final

from gateway.composed.orders import checkout_page, new_order
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS, PENDING
from sojourn.cart.v1.price_overrides_pb2_grpc import PriceOverrideServiceServicer
from sojourn.checkout.v1.draft_orders_pb2_grpc import (
    DraftOrderLinkServiceServicer,
    DraftOrderServiceServicer,
)
from sojourn.identity.v1.delegations_pb2_grpc import DelegationServiceServicer

_PLACE: Final = staff("orders.place")
_PROMOTIONS: Final = staff("promotions.write")
_LIMIT: Final = "/v1/staff/price-override-settings"
_DRAFTS: Final = "/v1/staff/draft-orders"
_DRAFT: Final = f"{_DRAFTS}/{{draft_order_id}}"
_LINKS: Final = "/v1/checkouts/links"
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/staff/shopper-sessions",
        rpc=rpc(DelegationServiceServicer.DelegateSession),
        callers=_PLACE,
        touchpoint=None,
        body=WHOLE,
        is_secret=True,
        status=201,
        key=KeyRule.NONE,
        most_bytes=16 * KIB,
        text="Issues a token with which staff buy for a customer or a guest; without either, for "
        "a new guest. Carts, checkouts and orders take it, and tell who acted for whom.",
        example={"customer_id": "0190a6e2-0000-7000-8000-000000000001", "via": "call_center"},
    ),
    Endpoint(
        method="GET",
        path=_DRAFTS,
        rpc=rpc(DraftOrderServiceServicer.ListDraftOrders),
        callers=_PLACE,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 20}),
        text="Draft orders, newest first.",
    ),
    Endpoint(
        method="GET",
        path=_DRAFT,
        rpc=rpc(DraftOrderServiceServicer.GetDraftOrder),
        callers=_PLACE,
        touchpoint=None,
        text="A draft order with its checkout at the prices that were saved.",
    ),
    Endpoint(
        method="DELETE",
        path=_DRAFT,
        rpc=rpc(DraftOrderServiceServicer.DeleteDraftOrder),
        callers=_PLACE,
        touchpoint=None,
        status=204,
        text="Deletes a draft order and gives up its checkout, unless an order was made of it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_DRAFT}/send",
        rpc=rpc(DraftOrderServiceServicer.SendDraftOrder),
        callers=_PLACE,
        touchpoint=None,
        text="Mails the buyer a link with which they pay. An earlier link opens nothing then.",
    ),
    Endpoint(
        method="GET",
        path=_LIMIT,
        rpc=rpc(PriceOverrideServiceServicer.GetPriceOverrideSettings),
        callers=_PROMOTIONS,
        touchpoint=None,
        text="How much of a price staff may take off in the carts of a channel.",
    ),
    Endpoint(
        method="PUT",
        path=_LIMIT,
        rpc=rpc(PriceOverrideServiceServicer.PutPriceOverrideSettings),
        callers=_PROMOTIONS,
        touchpoint=None,
        body="settings",
        key=KeyRule.OPTIONAL,
        text="Sets how much of a price staff may take off in the carts of a channel.",
        example={"channel": "web", "most_basis_points": 1000},
    ),
)
PUBLIC_TEXT: Final = "Draft orders that staff saved: for the buyer who holds the mailed link."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="PUT",
        path="/v1/checkouts/{checkout_id}/draft-order",
        rpc=rpc(DraftOrderServiceServicer.SaveDraftOrder),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        text="Saves a checkout under a name, with its prices as they are now. It takes a token of "
        "`/v1/staff/shopper-sessions` alone.",
        example={"name": "Kitchen, second offer"},
    ),
    Endpoint(
        method="POST",
        path=f"{_LINKS}/open",
        rpc=rpc(DraftOrderLinkServiceServicer.GetLinkedCheckout),
        callers=PUBLIC,
        touchpoint="checkout.review",
        body=WHOLE,
        compose=checkout_page,
        sends_token=False,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="The checkout of a mailed link at the prices that were saved. The link carries its "
        "secret in the fragment; the page that it leads to POSTs it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_LINKS}/complete",
        rpc=rpc(DraftOrderLinkServiceServicer.CompleteLinkedCheckout),
        callers=PUBLIC,
        touchpoint="order.place",
        body=WHOLE,
        compose=new_order,
        sends_token=False,
        is_secret=True,
        status=201,
        also=PENDING,
        limit=Limit.LOGIN,
        deadline_seconds=COMPLETE_SECONDS,
        most_bytes=16 * KIB,
        text="Pays the checkout of a mailed link and places its order: one key, one order, one "
        "charge. A repeat tells what became of it.",
    ),
)
