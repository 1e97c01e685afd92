"""What checkout refuses."""

from chassis.rpc.errors import Invalid, NotFound, Refused, Unauthenticated, Unavailable


class CheckoutNotFound(NotFound):
    """There is no such checkout, or it is not the caller's."""


class CartNotFound(NotFound):
    """There is no such cart, or it is not the caller's."""


class OrderNotFound(NotFound):
    """There is no such order, or it is not the caller's."""


class ShipmentNotFound(NotFound):
    """The order has no such shipment."""


class OrderLineNotFound(NotFound):
    """The order has no such line."""


class UnknownProvider(NotFound):
    """This service runs no payment provider of that name."""


class CartEmpty(Refused):
    """There is nothing in the cart."""


class CartNotOpen(Refused):
    """The cart was ordered or merged already."""


class CheckoutNotOpen(Refused):
    """The checkout is completed, canceled or expired."""


class CheckoutNotReady(Refused):
    """Something is missing or in the way; `codes` says what."""


class PriceChanged(Refused):
    """The total is not the one that the buyer saw."""


class PaymentDeclined(Refused):
    """The payment provider or the buyer's bank said no; `decline_code` says why."""


class OrderExpired(Refused):
    """The order was not paid while its stock was kept."""


class OrderCancelledByBuyer(Refused):
    """The buyer gave the order up before it was paid."""


class SyntheticOrder(Refused):
    """A synthetic shopper's order is never shipped."""


class SyntheticMismatch(Refused):
    """A synthetic shopper's cart is not for a checkout of others, nor theirs for a synthetic shopper's."""


class SyntheticPaymentsOff(Refused):
    """There is no simulator here in which a synthetic shopper could pay."""


class WrongOrderStatus(Refused):
    """The order's status does not allow this."""


class WrongPaymentStatus(Refused):
    """The payment's status does not allow this."""


class WrongCheckoutStatus(Refused):
    """The checkout's status does not allow this."""


class QuantityExceedsOrdered(Refused):
    """More would be shipped than was ordered."""


class NothingToShip(Refused):
    """Everything has shipped already."""


class RefundExceedsCaptured(Refused):
    """More would be given back than was taken."""


class ProviderRefused(Refused):
    """The provider refuses a call; `code` is its own word for why."""


class TariffNotSet(Refused):
    """No price of delivery is set for the currency: nothing is delivered for a guess. Set one, or sell in another currency."""


class TaxRateNotSet(Refused):
    """No tax rate is set for the country, the state or the tax class: nothing is sold at a guess."""


class InvalidAddress(Invalid):
    """The address lacks something or is not served; `fields` says what."""


class InvalidAmount(Invalid):
    """Not a positive amount in the order's currency."""


class UnknownDeliveryOption(Invalid):
    """Not an option for the address and the cart."""


class UnknownPaymentMethod(Invalid):
    """Not a method of this shop."""


class InvalidPaymentToken(Invalid):
    """Not an opaque token of the provider."""


class CardDataRefused(Invalid):
    """This looks like a card number, which must never reach us: send the provider's token."""


class ExpectedTotalRequired(Invalid):
    """Completing needs the total that the buyer saw, or the version of the checkout that showed it. HTTP 428."""


class WrongSignature(Unauthenticated):
    """The webhook's signature is not the provider's, or is too old."""


class MalformedWebhook(Invalid):
    """The webhook is signed by the provider, and its body is no event."""


class ProviderUnavailable(Unavailable):
    """The payment provider is away; nothing is known to have happened."""


class PaymentInDoubt(Unavailable):
    """The payment provider did not answer in time; it may have acted."""
