"""Refusals of channels, prices and price lists. The class name is the reason."""

from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused


class UnknownChannel(Invalid):
    """No channel has this code."""


class UnsupportedCurrency(Invalid):
    """The channel does not sell in this currency."""


class PricesHidden(Denied):
    """Guests see no prices in this channel: log in to order or filter by them."""


class InvalidChannel(Invalid):
    """A channel cannot be so; `path` names the place, `why` says what may be there."""


class ChannelNotFound(NotFound):
    """No channel has this code."""


class ChannelExists(Exists):
    """A channel has this code already."""


class ChannelInUse(Refused):
    """The channel cannot go; `by` says why: default, price_list, reservations or pages."""


class InvalidPrice(Invalid):
    """A price is below zero, not below the one before, or names something twice; `path` says."""


class InvalidPriceList(Invalid):
    """A price list has a wrong audience or schedule, or must stay; `path` names the field."""


class PriceListNotFound(NotFound):
    """No price list has this code."""


class PriceListExists(Exists):
    """Another price list has this code."""


class PriceListInUse(Refused):
    """The price list is a channel's own, or counts now and is too large to end at once."""
