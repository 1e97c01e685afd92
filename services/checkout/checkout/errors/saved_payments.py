"""Refusals about saved payment methods."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class SavedPaymentMethodNotFound(NotFound):
    """There is no such saved payment method, it is not the caller's, or it was deleted."""


class PaymentMethodNotSavable(Refused):
    """The payment method cannot be saved: the buyer has no account, or the provider keeps none."""


class TooManySavedMethods(Refused):
    """The customer has as many saved payment methods as one may have: delete one first."""


class TwoPaymentMeans(Invalid):
    """A payment token and a saved payment method came together: send one of them."""
