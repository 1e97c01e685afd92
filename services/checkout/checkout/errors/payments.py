"""Refusals of payments, their methods and providers, and of credit limits."""

from chassis.rpc.errors import Invalid, NotFound, Refused, Unauthenticated, Unavailable


class CreditLimitNotFound(NotFound):
    """No credit limit has this code."""


class PaymentMethodNotFound(NotFound):
    """No payment method has this code."""


class UnknownProvider(NotFound):
    """No payment provider of that name is connected."""


class PaymentMethodNotOffered(Refused):
    """The chosen payment method is not offered for this order any more: choose another."""


class PaymentDeclined(Refused):
    """The payment provider or the buyer's bank declined; `decline_code` is the reason."""


class PaymentOutstanding(Refused):
    """The transfer that pays the order has not come: the order ships once it has."""


class CreditLimitExceeded(Refused):
    """The buyer owes too much to pay the order by invoice; `available_minor` is left."""


class SyntheticPaymentsOff(Refused):
    """No simulator is connected, with which synthetic shoppers pay."""


class WrongPaymentStatus(Refused):
    """The status of the payment does not allow the change."""


class ProviderRefused(Refused):
    """The provider refuses a call; `code` is its reason."""


class InvalidPaymentMethod(Invalid):
    """A payment method names what cannot be; `path` names the field, `problem` what is wrong."""


class InvalidCreditLimit(Invalid):
    """A credit limit cannot be so; `path` names the field, `problem` says why."""


class InvalidBankTransfer(Invalid):
    """A line of an import cannot be; `path` names its field, `problem` what is wrong."""


class UnknownPaymentMethod(Invalid):
    """The method is not offered for this checkout."""


class InvalidPaymentToken(Invalid):
    """The token is not an opaque token of the provider."""


class InvalidReturnUrl(Invalid):
    """The page to return to is no https URL, or http one of this machine."""


class CardDataRefused(Invalid):
    """The token looks like a card number: send the provider's token instead."""


class WrongSignature(Unauthenticated):
    """The webhook's signature is not the provider's, or is too old."""


class MalformedWebhook(Invalid):
    """The provider signed the webhook, but its body is not an event."""


class ProviderUnavailable(Unavailable):
    """The payment provider is unavailable; the call had no effect as far as is known."""


class PaymentInDoubt(Unavailable):
    """The payment provider did not answer in time; the call may have had an effect."""


class PaymentCaptureNotFound(NotFound):
    """There is no such capture."""


class NothingToCapture(Refused):
    """Nothing of the payment is authorized any more that was not taken."""


class RefundNotFound(NotFound):
    """There is no such refund."""


class RefundNotOwed(Refused):
    """The refund did not fail after it was told, or it was paid again: nothing is owed."""
