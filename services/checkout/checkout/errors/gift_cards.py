"""Refusals of gift cards and store credit."""

from chassis.rpc.errors import Exists, Invalid, NotFound, Refused


class GiftCardNotFound(NotFound):
    """There is no such gift card, or no card has this code."""


class GiftCardExists(Exists):
    """Another gift card (`gift_card_id`) has the code; `path` says where it stands."""


class GiftCardNotUsable(Refused):
    """The gift card cannot pay of the checkout; `problem` says why."""


class GiftCardBalanceChanged(Refused):
    """The gift cards pay another part of the order than the buyer saw: show the checkout again."""


class GiftCardUsed(Refused):
    """The gift card (`gift_card_id`) that the order bought was used: it is not taken back."""


class GiftCardNotSold(Refused):
    """No order bought the gift card: disable it instead."""


class GiftCardBalanceTooLow(Refused):
    """Less is on the gift card than that; `available_minor` is what orders do not hold."""


class WrongGiftCardStatus(Refused):
    """The status of the gift card does not allow the change."""


class TooManyGiftCards(Refused):
    """At most `most` gift cards pay of one checkout in this channel."""


class InvalidGiftCard(Invalid):
    """A gift card cannot be so; `path` names the field, `problem` says why."""


class InvalidGiftCardDelivery(Invalid):
    """A gift card cannot be mailed so; `path` names the field, `problem` says why."""


class InvalidGiftCardSettings(Invalid):
    """The settings name a channel that cannot be; `path` names the field."""


class StoreCreditNotFound(NotFound):
    """The customer has no store credit in this currency."""


class StoreCreditNeedsAccount(Refused):
    """The buyer of the order has no account, or not any more: refund it to its payments."""
