"""Rules of postal addresses, for forms. They keep nothing."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.addresses_pb2_grpc import AddressServiceServicer

ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/address-formats/{country}",
        rpc=rpc(AddressServiceServicer.GetAddressFormat),
        callers=PUBLIC,
        touchpoint=None,
        text="How addresses of a country are written: which fields it uses and needs, in which "
        "order, and what regions it has.",
    ),
    Endpoint(
        method="POST",
        path="/v1/addresses/check",
        rpc=rpc(AddressServiceServicer.CheckAddress),
        callers=PUBLIC,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        most_bytes=16 * KIB,
        text="Checks an address by the rules of its country, and tells what would be written "
        "otherwise and what is wrong, with what was likely meant. An address that checkouts and "
        "accounts would refuse is answered with 200 here.",
    ),
)
