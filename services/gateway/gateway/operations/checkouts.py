"""Checkouts: from a cart to an order.

Statuses, totals and messages are those of the Universal Commerce Protocol.
"""

from typing import Final

from gateway.composed.orders import checkout_page, expect_seen_total, new_checkout, new_order
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.checkout.v1.checkout_pb2_grpc import CheckoutServiceServicer

# The service answers within 10 s with what there is.
COMPLETE_SECONDS: Final = 15.0
PENDING: Final = {
    202: "Not decided yet, or waiting for the buyer (see `payments[].action_url`): look at "
    "`Location`"
}
_PATH: Final = "/v1/checkouts/{checkout_id}"
ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/checkouts",
        rpc=rpc(CheckoutServiceServicer.CreateCheckout),
        callers=SHOPPER,
        touchpoint="checkout.start",
        body=WHOLE,
        compose=new_checkout,
        status=201,
        text="Begins a checkout of a cart. Send with it what you know already: with all of it, "
        "the next call may complete it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/complete",
        rpc=rpc(CheckoutServiceServicer.CompleteCheckout),
        callers=SHOPPER,
        touchpoint="order.place",
        body=WHOLE,
        prepare=expect_seen_total,
        compose=new_order,
        status=201,
        also=PENDING,
        errors=frozenset({"EXPECTED_TOTAL_REQUIRED", "VERSION_MISMATCH"}),
        deadline_seconds=COMPLETE_SECONDS,
        text="Places the order: one key, one order, one charge. A refusal is a 409 with its "
        "reason, and the money is untouched.\n\nSend `expected_total`, the total that the buyer "
        "saw, or `If-Match` with the ETag of the checkout that showed it: nobody is charged an "
        "amount that they did not see.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(CheckoutServiceServicer.GetCheckout),
        callers=SHOPPER,
        touchpoint="checkout.review",
        compose=checkout_page,
        text="A checkout, priced now: delivery options, taxes, totals, and what is missing.",
    ),
    Endpoint(
        method="PATCH",
        path=_PATH,
        rpc=rpc(CheckoutServiceServicer.UpdateCheckout),
        callers=SHOPPER,
        touchpoint="checkout.update",
        body=WHOLE,
        compose=checkout_page,
        text="Sets e-mail, address, delivery option or payment method: what you send. null takes "
        "back what was set.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(CheckoutServiceServicer.CancelCheckout),
        callers=SHOPPER,
        touchpoint="checkout.cancel",
        compose=checkout_page,
        text="Gives a checkout up. A repeat is fine.",
    ),
)
