"""Orders that staff place for shoppers, at the till or on the phone.

The answer's token is the shopper's in the hand of the staff: send it to `/v1/carts` and
`/v1/checkouts`, as the shopper would.
"""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.identity.v1.delegations_pb2_grpc import DelegationServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/staff/shopper-sessions",
        rpc=rpc(DelegationServiceServicer.DelegateSession),
        callers=staff("orders.place"),
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
)
