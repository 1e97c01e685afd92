"""Refusals of checkouts, and of the carts and addresses that they are made of."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class CheckoutNotFound(NotFound):
    """There is no such checkout, or it is not the caller's."""


class CartNotFound(NotFound):
    """There is no such cart, or it is not the caller's."""


class CountryNotFound(NotFound):
    """No country has this ISO 3166-1 code."""


class CartEmpty(Refused):
    """The cart has no lines."""


class CartNotOpen(Refused):
    """The cart was ordered or merged already."""


class CheckoutNotOpen(Refused):
    """The checkout is completed, canceled or expired."""


class CheckoutNotReady(Refused):
    """Notices block the checkout: `code` and `path` of the first, `missing` has all codes."""


class OutOfStock(Refused):
    """Less is available of the variant than the checkout has."""


class PriceChanged(Refused):
    """The total differs from the one that the buyer saw."""


class OrderExpired(Refused):
    """The reservation of the stock ended before the order was paid."""


class OrderNotAccepted(Refused):
    """The shop does not accept the order, and the buyer pays nothing: they ask the shop."""


class SyntheticMismatch(Refused):
    """The cart is synthetic and the caller is not, or the other way round."""


class WrongCheckoutStatus(Refused):
    """The status of the checkout does not allow the change."""


class InvalidGiftMessage(Invalid):
    """A gift message cannot be so; `path` names the field, `problem` says why."""


class InvalidAddress(Invalid):
    """The address is incomplete, invalid or not served.

    `path` names the address, `fields` lists the problems, `allowed_<field>` what may be meant.
    """


class ExpectedTotalRequired(Invalid):
    """The total that the buyer saw, or the version that showed it, is required. HTTP 428."""
