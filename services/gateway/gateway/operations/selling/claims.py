"""Claims: goods that arrived wrong or damaged, or not at all."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER, Limit, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from gateway.operations.checkouts import COMPLETE_SECONDS
from sojourn.checkout.v1.claims_pb2_grpc import ClaimServiceServicer

_WRITE: Final = staff("orders.write")
_PATH: Final = "/v1/claims/{claim_id}"
_STAFF_PATH: Final = "/v1/staff/claims/{claim_id}"
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/orders/{order_id}/claims",
        rpc=rpc(ClaimServiceServicer.OpenClaim),
        callers=SHOPPER,
        touchpoint="claim.open",
        body=WHOLE,
        status=201,
        text="Reports that goods of an order arrived wrong or damaged, or not at all.",
    ),
    Endpoint(
        method="POST",
        path="/v1/claims/linked",
        rpc=rpc(ClaimServiceServicer.OpenLinkedClaim),
        callers=PUBLIC,
        touchpoint="claim.open",
        body=WHOLE,
        sends_token=False,
        is_secret=True,
        limit=Limit.LOGIN,
        status=201,
        most_bytes=64 * KIB,
        text="Reports it of the order of an access token. The token is a secret, and so is posted.",
    ),
    Endpoint(
        method="GET",
        path="/v1/claims",
        rpc=rpc(ClaimServiceServicer.ListClaims),
        callers=SHOPPER,
        touchpoint="claim.view",
        hidden=frozenset({"all_buyers"}),
        query=Parameters(defaults={"page_size": 20}),
        text="The caller's claims, newest first; also those of one order.",
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(ClaimServiceServicer.GetClaim),
        callers=SHOPPER,
        touchpoint="claim.view",
        text="A claim, and how the shop settled it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/withdraw",
        rpc=rpc(ClaimServiceServicer.WithdrawClaim),
        callers=SHOPPER,
        touchpoint="claim.withdraw",
        key=KeyRule.OPTIONAL,
        text="Takes a claim back that the shop has not settled. A repeat is fine.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/claims",
        rpc=rpc(ClaimServiceServicer.ListClaims),
        callers=staff("orders.read"),
        touchpoint=None,
        fixed={"all_buyers": True},
        query=Parameters(defaults={"page_size": 20}),
        name="ListAllClaims",
        text="All buyers' claims, newest first; also those in one state, or of one order.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/orders/{order_id}/claims",
        rpc=rpc(ClaimServiceServicer.OpenClaim),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        name="OpenAnyClaim",
        text="Reports it for a buyer, e.g. who called.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/reject",
        rpc=rpc(ClaimServiceServicer.RejectClaim),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        text="Does not make up for the goods, and tells the buyer why. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_STAFF_PATH}/settle",
        rpc=rpc(ClaimServiceServicer.SettleClaim),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=COMPLETE_SECONDS,
        text="Makes up for the goods, once: sends them anew, gives their price back, or lets the "
        "buyer send them back.",
    ),
)
