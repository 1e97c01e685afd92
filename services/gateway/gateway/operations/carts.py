"""Carts. Each answer is the whole cart with its totals, priced now.

`?expand=delivery_options` asks checkout how the cart could be delivered, and for how much.
"""

from typing import Final

from gateway.composed.carts import CART_PAGE, DELIVERY_OPTIONS, cart_page
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.cart.v1.cart_pb2_grpc import CartServiceServicer
from sojourn.cart.v1.price_overrides_pb2_grpc import PriceOverrideServiceServicer

_PATH: Final = "/v1/carts/{cart_id}"
_EXPANDS: Final = (DELIVERY_OPTIONS,)
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path=f"{_PATH}/lines",
        rpc=rpc(CartServiceServicer.AddLine),
        callers=SHOPPER,
        touchpoint="cart.add",
        body="line",
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
    ),
    Endpoint(
        method="POST",
        path="/v1/carts",
        rpc=rpc(CartServiceServicer.CreateCart),
        callers=SHOPPER,
        touchpoint="cart.create",
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        status=201,
        text="Makes a cart, with first lines where you send some.",
    ),
    Endpoint(
        method="GET",
        path="/v1/carts/current",
        rpc=rpc(CartServiceServicer.GetCurrentCart),
        callers=SHOPPER,
        touchpoint="cart.view",
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(CartServiceServicer.GetCart),
        callers=SHOPPER,
        touchpoint="cart.view",
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
    ),
    Endpoint(
        method="POST",
        path="/v1/carts/restore",
        rpc=rpc(CartServiceServicer.RestoreCart),
        callers=SHOPPER,
        touchpoint="cart.restore",
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        key=KeyRule.OPTIONAL,
    ),
    Endpoint(
        method="PATCH",
        path=f"{_PATH}/lines/{{line_id}}",
        rpc=rpc(CartServiceServicer.SetLineQuantity),
        callers=SHOPPER,
        touchpoint="cart.change",
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
    ),
    Endpoint(
        method="PUT",
        path=f"{_PATH}/lines/{{line_id}}/price",
        rpc=rpc(PriceOverrideServiceServicer.OverridePrice),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        text="Sets the price of one unit that staff agreed with the shopper, within the limit of "
        "the channel; without a price that of the catalogue counts again. It takes a token of "
        "`/v1/staff/shopper-sessions` alone.",
        example={"unit_price": {"amount_minor": 1800, "currency": "EUR"}, "reason": "damaged"},
    ),
    Endpoint(
        method="DELETE",
        path=f"{_PATH}/lines/{{line_id}}",
        rpc=rpc(CartServiceServicer.SetLineQuantity),
        callers=SHOPPER,
        touchpoint="cart.change",
        fixed={"quantity": 0},
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        name="RemoveLine",
        text="Takes a line out of the cart.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/coupons",
        rpc=rpc(CartServiceServicer.ApplyCoupon),
        callers=SHOPPER,
        touchpoint="cart.coupon",
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        key=KeyRule.OPTIONAL,
    ),
    Endpoint(
        method="DELETE",
        path=f"{_PATH}/coupons/{{code}}",
        rpc=rpc(CartServiceServicer.RemoveCoupon),
        callers=SHOPPER,
        touchpoint="cart.coupon",
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/save",
        rpc=rpc(CartServiceServicer.SaveCart),
        callers=SHOPPER,
        touchpoint="cart.save",
        body=WHOLE,
        expands=_EXPANDS,
        compose=cart_page,
        reply=CART_PAGE,
        key=KeyRule.OPTIONAL,
        text="Keeps an e-mail address with the cart; answers the secret of the link that restores "
        "it.",
    ),
)
