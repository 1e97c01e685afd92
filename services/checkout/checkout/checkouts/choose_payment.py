"""The buyer's choice of a payment method, and of what it is charged with."""

from collections.abc import Sequence

from checkout.checkouts.model import Checkout, CheckoutChanges
from checkout.errors.payments import UnknownPaymentMethod
from checkout.errors.saved_payments import TwoPaymentMeans
from checkout.payment_methods.offers import OfferedMethod
from checkout.payments.vaults.tokens import accept_return_url, accept_token
from checkout.saved_payments.model import SavedPaymentMethod


def choose_payment(
    checkout: Checkout, changes: CheckoutChanges, methods: Sequence[OfferedMethod]
) -> None:
    """Sets the payment of an open checkout, as far as the changes name it.

    A token and a saved method exclude each other; the later one of two changes counts. Raises
    UnknownPaymentMethod, TwoPaymentMeans, InvalidPaymentToken, CardDataRefused, InvalidReturnUrl.
    """
    if changes.payment_method_id is not None:
        offered = {method.code for method in methods}
        if changes.payment_method_id and changes.payment_method_id not in offered:
            raise UnknownPaymentMethod
        if changes.payment_method_id != checkout.payment_method_id:
            # A token belongs to one method.
            checkout.payment_method_id, checkout.payment_token = changes.payment_method_id, ""
            checkout.saved_payment_method_id = None
    if changes.return_url is not None:
        checkout.return_url = accept_return_url(changes.return_url)
    if changes.payment_token is not None:
        token = changes.payment_token
        if token and changes.saved_method:
            raise TwoPaymentMeans(path="payment_token")
        checkout.payment_token = accept_token(token) if token else ""
        checkout.saved_payment_method_id = None
        if token and not checkout.payment_method_id and len(methods) == 1:
            checkout.payment_method_id = methods[0].code
    if changes.saves_payment_method is not None:
        checkout.saves_payment_method = changes.saves_payment_method
    if changes.drops_saved_method:
        checkout.saved_payment_method_id = None
    if changes.saved_method:
        named = changes.payment_method_id or ""
        method = method_of(changes.saved_method, methods, named or checkout.payment_method_id)
        if method is None or (named and method.code != named):
            raise UnknownPaymentMethod
        checkout.payment_method_id, checkout.payment_token = method.code, ""
        checkout.saved_payment_method_id = changes.saved_method.id


def method_of(
    saved: SavedPaymentMethod, methods: Sequence[OfferedMethod], chosen: str = ""
) -> OfferedMethod | None:
    """Returns the offered method by which a saved one pays: the chosen one, or the first."""
    fitting = [
        method
        for method in methods
        if (method.provider, method.provider_method) == (saved.provider, saved.provider_method)
    ]
    return next((each for each in fitting if each.code == chosen), fitting[0] if fitting else None)
