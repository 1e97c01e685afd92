"""Refusals of loyalty rules and points."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class LoyaltyRuleNotFound(NotFound):
    """There is no such loyalty rule."""


class InvalidLoyaltyRule(Invalid):
    """A field of the loyalty rule cannot be; `path` and `problem` say which and why."""


class InvalidPoints(Invalid):
    """Points are redeemed in multiples of `step`, at least `least`, and expire in the future."""


class NotEnoughPoints(Refused):
    """The customer has `available` points."""


class PointsNotRedeemedHere(Refused):
    """No rule of the channel says what points are worth in the currency."""
