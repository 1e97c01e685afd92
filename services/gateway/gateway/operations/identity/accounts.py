"""The account of a customer: profile, addresses, consents."""

from typing import Final

from gateway.composed.sessions import prepare_erasure
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, Limit
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.identity.v1.erasures_pb2_grpc import ErasureServiceServicer
from sojourn.identity.v1.identity_pb2_grpc import CustomerServiceServicer

_OTHERS: Final = frozenset({"customer_id"})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/me",
        rpc=rpc(CustomerServiceServicer.GetCustomer),
        callers=SHOPPER,
        touchpoint=None,
        hidden=_OTHERS,
        text="The caller's profile.",
    ),
    Endpoint(
        method="PATCH",
        path="/v1/me",
        rpc=rpc(CustomerServiceServicer.UpdateCustomer),
        callers=SHOPPER,
        touchpoint="account.update",
        body=WHOLE,
        needs_version=True,
        key=KeyRule.OPTIONAL,
        text="Changes the profile: what you send. null clears a field.",
    ),
    Endpoint(
        method="POST",
        path="/v1/me/confirmation",
        rpc=rpc(CustomerServiceServicer.ResendConfirmation),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        key=KeyRule.NONE,
        most_bytes=16 * KIB,
        text="Mails the confirmation link anew, at most three times a day with pauses from ten "
        "minutes; nothing where the address is confirmed.",
    ),
    Endpoint(
        method="POST",
        path="/v1/me/erasure",
        rpc=rpc(ErasureServiceServicer.EraseMyAccount),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        hidden=frozenset({"client_network"}),
        prepare=prepare_erasure,
        is_secret=True,
        key=KeyRule.NONE,
        limit=Limit.LOGIN,
        most_bytes=16 * KIB,
        text="Erases the caller's account (GDPR, article 17), once its password proves that the "
        "owner asks. Sessions end, and all services forget the customer; orders stay as long as "
        "the law has them kept.",
    ),
    Endpoint(
        method="GET",
        path="/v1/me/addresses",
        rpc=rpc(CustomerServiceServicer.ListAddresses),
        callers=SHOPPER,
        touchpoint=None,
        hidden=_OTHERS,
    ),
    Endpoint(
        method="POST",
        path="/v1/me/addresses",
        rpc=rpc(CustomerServiceServicer.AddAddress),
        callers=SHOPPER,
        touchpoint="account.address",
        body=WHOLE,
        status=201,
    ),
    Endpoint(
        method="PUT",
        path="/v1/me/addresses/{address_id}",
        rpc=rpc(CustomerServiceServicer.UpdateAddress),
        callers=SHOPPER,
        touchpoint="account.address",
        body=WHOLE,
    ),
    Endpoint(
        method="DELETE",
        path="/v1/me/addresses/{address_id}",
        rpc=rpc(CustomerServiceServicer.RemoveAddress),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Removes an address. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/me/consents",
        rpc=rpc(CustomerServiceServicer.GetConsents),
        callers=SHOPPER,
        touchpoint=None,
        hidden=_OTHERS,
    ),
    Endpoint(
        method="PUT",
        path="/v1/me/consents",
        rpc=rpc(CustomerServiceServicer.SetConsents),
        callers=SHOPPER,
        touchpoint="account.consent",
        body=WHOLE,
        text="Sets consents by category; others stay.",
    ),
)
