"""Store credit as staff see it and add to it. A balance is the sum of its entries."""

from typing import Final

from gateway.composed.orders import checkout_page
from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.store_credit_pb2_grpc import StoreCreditServiceServicer

_READ: Final = staff("gift_cards.read", or_scope="gift_cards.write")
_MINE: Final = "/v1/me/store-credit"
_CUSTOMERS: Final = "/v1/staff/customers/{customer_id}/store-credit"
PUBLIC_TEXT: Final = "What the shop owes a customer, who pays with it at checkout."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_MINE,
        rpc=rpc(StoreCreditServiceServicer.GetStoreCredit),
        callers=SHOPPER,
        touchpoint="store_credit.view",
        hidden=frozenset({"customer_id"}),
        text="The caller's store credit, by currency.",
    ),
    Endpoint(
        method="GET",
        path=f"{_MINE}/entries",
        rpc=rpc(StoreCreditServiceServicer.ListStoreCreditEntries),
        callers=SHOPPER,
        touchpoint="store_credit.view",
        hidden=frozenset({"customer_id"}),
        query=Parameters(defaults={"page_size": 50}),
        text="What was added to the caller's store credit in a currency, and what it paid; newest "
        "first.",
    ),
    Endpoint(
        method="POST",
        path="/v1/checkouts/{checkout_id}/store-credit",
        rpc=rpc(StoreCreditServiceServicer.ApplyStoreCredit),
        callers=SHOPPER,
        touchpoint="checkout.store_credit",
        compose=checkout_page,
        key=KeyRule.OPTIONAL,
        text="Lets the caller's store credit pay of a checkout as much as it can, after the gift "
        "cards that are there already. It is one of `gift_cards`, and is taken out as they are. A "
        "repeat changes nothing.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_CUSTOMERS,
        rpc=rpc(StoreCreditServiceServicer.GetStoreCredit),
        callers=_READ,
        touchpoint=None,
        name="GetCustomerStoreCredit",
        text="The store credit of a customer, by currency.",
    ),
    Endpoint(
        method="GET",
        path=f"{_CUSTOMERS}/entries",
        rpc=rpc(StoreCreditServiceServicer.ListStoreCreditEntries),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        name="ListCustomerStoreCreditEntries",
        text="What was added to the store credit of a customer in a currency, and what it paid; "
        "newest first.",
    ),
    Endpoint(
        method="POST",
        path=f"{_CUSTOMERS}/adjustments",
        rpc=rpc(StoreCreditServiceServicer.AdjustStoreCredit),
        callers=staff("gift_cards.write"),
        touchpoint=None,
        body=WHOLE,
        text="Adds an amount to the store credit of a customer, or takes it off, for a reason.",
    ),
)
