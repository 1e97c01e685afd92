"""Refusals of cart. The class name is the reason."""

from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused


class LoginRequired(Denied):
    """Only customers buy in this channel: log in, and add it again."""


class UnknownVariant(Invalid):
    """The catalogue does not offer this variant in the cart's channel and currency."""


class InvalidQuantity(Invalid):
    """Not a positive multiple of the variant's increment, or above 1,000,000."""


class InvalidGuestToken(Invalid):
    """Not the token of a guest: forged, expired, a synthetic shopper's, or somebody else's kind."""


class InvalidPromotion(Invalid):
    """A promotion breaks a rule; `field` names the place, and `most` a bound."""


class CartNotFound(NotFound):
    """No such cart, or not this caller's."""


class LineNotFound(NotFound):
    """The cart has no such line."""


class OrderLineNotFound(NotFound):
    """The order that is ordered again has no such line."""


class OutOfStock(Refused):
    """Less is available of the variant than asked."""


class CartNotOpen(Refused):
    """The cart was ordered or merged."""


class SyntheticShopper(Refused):
    """A synthetic shopper only buys: nothing is saved, reminded of, or given to others."""


class PriceOverrideNotAllowed(Refused):
    """A price of a unit is agreed from `least_minor` to `most_minor`, by the channel's limit."""


class CartTotalTooLarge(Refused):
    """The cart's lines would cost more than `most_minor` together."""


class TooManyLines(Refused):
    """A cart has at most `most` lines."""


class TooManyCoupons(Refused):
    """A cart has at most `most` coupon codes."""


class CouponNotValid(Refused):
    """`why`: unknown, expired, used_up, not_first_order, below_minimum."""


class PromotionNotValid(Refused):
    """A promotion of the order may not be used any more; `code` and `why` as for a coupon."""


class CartChanged(Refused):
    """The cart is not as the order was priced."""


class RedemptionUndone(Refused):
    """The order was undone before."""


class CouponTaken(Exists):
    """Another promotion has this coupon code."""
