"""Refusals of limits against fraud, reviews and disputes."""

from chassis.rpc.errors import Invalid, NotFound, Refused


class FraudLimitNotFound(NotFound):
    """No limit against fraud has this code."""


class OrderReviewNotFound(NotFound):
    """The order has no review."""


class OrderUnderReview(Refused):
    """The order is under review: release or reject it first."""


class PaymentDisputed(Refused):
    """The buyer's bank takes the money back, `dispute_status` says how far: nothing is refunded."""


class OrderReviewClosed(Refused):
    """The review was decided before; `review_status` says how."""


class InvalidFraudLimit(Invalid):
    """A limit against fraud cannot be so; `path` names the field, `problem` says why."""


class InvalidFraudSettings(Invalid):
    """The settings against fraud cannot be so; `path` names the field, `problem` says why."""
