"""Loyalty points: the rules of a merchant, and the points of customers as staff see them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.loyalty_pb2_grpc import LoyaltyServiceServicer

_RULES: Final = staff("promotions.write")
_READ: Final = staff("gift_cards.read", or_scope="gift_cards.write")
_MINE: Final = "/v1/me/points"
_STAFF: Final = "/v1/staff/loyalty-rules"
_CUSTOMERS: Final = "/v1/staff/customers/{customer_id}/points"
PUBLIC_TEXT: Final = "Points that customers earn with orders, and redeem for store credit."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_MINE,
        rpc=rpc(LoyaltyServiceServicer.GetPoints),
        callers=SHOPPER,
        touchpoint="points.view",
        hidden=frozenset({"customer_id"}),
        text="The points that the caller can redeem, and those of them that expire first.",
    ),
    Endpoint(
        method="GET",
        path=f"{_MINE}/entries",
        rpc=rpc(LoyaltyServiceServicer.ListPointEntries),
        callers=SHOPPER,
        touchpoint="points.view",
        hidden=frozenset({"customer_id"}),
        query=Parameters(defaults={"page_size": 50}),
        text="What the caller earned and redeemed, newest first.",
    ),
    Endpoint(
        method="POST",
        path=f"{_MINE}/redemptions",
        rpc=rpc(LoyaltyServiceServicer.RedeemPoints),
        callers=SHOPPER,
        touchpoint="points.redeem",
        body=WHOLE,
        most_bytes=16 * KIB,
        example={"points": 500, "currency": "EUR"},
        text="Turns points into store credit, which then pays at checkout beside gift cards and a "
        "payment method.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_STAFF,
        rpc=rpc(LoyaltyServiceServicer.ListLoyaltyRules),
        callers=_RULES,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Rules of points, by code.",
    ),
    Endpoint(
        method="GET",
        path=f"{_STAFF}/{{code}}",
        rpc=rpc(LoyaltyServiceServicer.GetLoyaltyRule),
        callers=_RULES,
        touchpoint=None,
        text="A rule of points.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_STAFF}/{{code}}",
        rpc=rpc(LoyaltyServiceServicer.PutLoyaltyRule),
        callers=_RULES,
        touchpoint=None,
        body="loyalty_rule",
        paths={"code": "loyalty_rule.code"},
        key=KeyRule.OPTIONAL,
        example={
            "earned_points": 1,
            "earned_per": {"amount_minor": 100, "currency": "EUR"},
            "redeemed_points": 100,
            "redeemed_for": {"amount_minor": 100, "currency": "EUR"},
            "pending_days": 14,
            "valid_days": 730,
        },
        text="Stores what customers of a channel earn and redeem in a currency. It counts for "
        "orders from then on.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_STAFF}/{{code}}",
        rpc=rpc(LoyaltyServiceServicer.DeleteLoyaltyRule),
        callers=_RULES,
        touchpoint=None,
        status=204,
        text="Deletes a rule; points that were earned stay. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path=_CUSTOMERS,
        rpc=rpc(LoyaltyServiceServicer.GetPoints),
        callers=_READ,
        touchpoint=None,
        name="GetCustomerPoints",
        text="The points of a customer.",
    ),
    Endpoint(
        method="GET",
        path=f"{_CUSTOMERS}/entries",
        rpc=rpc(LoyaltyServiceServicer.ListPointEntries),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        name="ListCustomerPointEntries",
        text="What a customer earned and redeemed, newest first.",
    ),
    Endpoint(
        method="POST",
        path=f"{_CUSTOMERS}/adjustments",
        rpc=rpc(LoyaltyServiceServicer.AdjustPoints),
        callers=staff("gift_cards.write"),
        touchpoint=None,
        body=WHOLE,
        example={"points": 100, "reason": "We are sorry."},
        text="Adds points to a customer, or takes them off, for a reason that the customer sees.",
    ),
)
