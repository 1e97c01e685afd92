"""Refusals of cancellations, returns and refunds."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class ReturnNotFound(NotFound):
    """There is no such return, or it is not the caller's."""


class ReturnPictureNotFound(NotFound):
    """The return has no picture of this number."""


class InvalidReturnPicture(Invalid):
    """The file is no picture that can be; `problem` says why."""


class TooManyReturnPictures(Refused):
    """A return of the channel has at most `most` pictures."""


class ClaimNotFound(NotFound):
    """There is no such claim, or it is not the caller's."""


class CancellationNotOffered(Refused):
    """The channel lets buyers cancel no more: staff may, `until` says when it ended."""


class OrderCancelledByBuyer(Refused):
    """The buyer cancelled the order before it was paid."""


class QuantityExceedsReturnable(Refused):
    """The quantity exceeds the part of the line that shipped and is not asked back yet."""


class WrongReturnStatus(Refused):
    """The status of the return does not allow the change."""


class ReturnPeriodOver(Refused):
    """The days for returns by buyers are over, `until` says when they ended: staff may."""


class QuantityExceedsClaimable(Refused):
    """Less of the line was shipped, and is neither sent back nor claimed; `path` names the line."""


class WrongClaimStatus(Refused):
    """The status of the claim does not allow the change."""


class ReturnExchanged(Refused):
    """The return has a replacement (`replacement_order_id`): cancel that first."""


class ExchangeNotPaid(Refused):
    """The order is not paid yet: goods are exchanged against what was paid for them."""


class ExchangeCostsMore(Refused):
    """The replacement costs `difference_minor` more: keep the price, or name a bank transfer."""


class ExchangeNotCovered(Refused):
    """The replacement costs `missing_minor` more than the refund: cancel what it does not cover."""


class AddressForgotten(Refused):
    """The order has no address any more, as its buyer was erased: nothing is sent to them."""


class TooManyReturnReasons(Refused):
    """A shop has at most `most` reasons for returns: delete one first."""


class RefundExceedsCaptured(Refused):
    """The amount exceeds the captured amount that is left to refund."""


class InvalidAfterSaleSettings(Invalid):
    """The settings name a channel that cannot be; `path` names the field."""


class InvalidReturnReason(Invalid):
    """A reason for returns has no code; `path` names the field."""


class UnknownReturnReason(Invalid):
    """No reason for returns that buyers may give has this code; `path` says where it stands."""


class InvalidAmount(Invalid):
    """The amount is not positive or not in the currency of the order."""


class InvalidExchange(Invalid):
    """A line cannot be exchanged so; `path` names the field, `problem` says why."""


class InvalidClaim(Invalid):
    """A claim cannot be settled so; `path` names the field, `problem` says why."""
