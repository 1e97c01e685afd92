"""Refusals of the cart service; each says a fact."""

from chassis.errors import Invalid, NotFound, Refused


class CartNotFound(NotFound):
    """There is no such cart, or not for this caller."""


class LineNotFound(NotFound):
    """The cart has no such line."""


class CartNotOpen(Refused):
    """The cart was ordered or merged and cannot change."""


class CartChanged(Refused):
    """The cart is not the one that the order was priced with."""


class TooManyLines(Refused):
    """A cart has at most 100 lines."""


class OutOfStock(Refused):
    """There is not as much as was asked for."""


class UnknownVariant(Invalid):
    """The variant does not exist, or has no price here."""


class InvalidQuantity(Invalid):
    """The quantity is not a positive multiple of the variant's increment, or too large."""


class InvalidEmail(Invalid):
    """This is not an e-mail address."""


class InvalidPromotion(Invalid):
    """The promotion makes no sense; `field` says where."""


class CouponNotValid(Refused):
    """The code brings nothing; `why` is unknown, expired, used_up, not_first_order or below_minimum."""


class CouponTaken(Refused):
    """Another promotion has this code."""


class PromotionNotValid(Refused):
    """A promotion that the order was priced with does not hold any more; `why` says which condition."""


class RedemptionUndone(Refused):
    """The order was given up before."""
