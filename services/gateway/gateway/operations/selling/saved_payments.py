"""Payment methods that a customer keeps, to pay with them again."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.saved_payment_methods_pb2_grpc import SavedPaymentMethodServiceServicer

_ALL: Final = "/v1/me/payment-methods"
_PATH: Final = "/v1/me/payment-methods/{saved_payment_method_id}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_ALL,
        rpc=rpc(SavedPaymentMethodServiceServicer.ListSavedPaymentMethods),
        callers=SHOPPER,
        touchpoint=None,
        text="The caller's saved payment methods, the default one first. Of a card only its brand, "
        "its last four digits and its expiry are known.",
    ),
    Endpoint(
        method="POST",
        path=_ALL,
        rpc=rpc(SavedPaymentMethodServiceServicer.SetUpPaymentMethod),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        status=201,
        is_secret=True,
        most_bytes=16 * KIB,
        text="Keeps a payment method for the customer who calls and agrees with it: that of a "
        "`payment_token`, or the one that the provider's script makes with the `client_secret` of "
        "the answer. The bank's challenge, if any, is at `action_url`; confirm after it.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/confirm",
        rpc=rpc(SavedPaymentMethodServiceServicer.ConfirmPaymentMethod),
        callers=SHOPPER,
        touchpoint=None,
        is_secret=True,
        key=KeyRule.OPTIONAL,
        text="Asks the provider whether the method is saved, after its script or the bank's "
        "challenge. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/default",
        rpc=rpc(SavedPaymentMethodServiceServicer.SetDefaultPaymentMethod),
        callers=SHOPPER,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Makes it the method with which orders are paid unless they say otherwise.",
    ),
    Endpoint(
        method="DELETE",
        path=_PATH,
        rpc=rpc(SavedPaymentMethodServiceServicer.DeleteSavedPaymentMethod),
        callers=SHOPPER,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Forgets a saved payment method, here at once and at the provider within seconds. A "
        "repeat is fine.",
    ),
)
