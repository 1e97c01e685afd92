"""Refusals of reviews, questions, related products and alerts. The class name is the reason."""

from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused


class ReviewNotFound(NotFound):
    """No such review, or not one that the caller may see or change."""


class CustomersOnly(Denied):
    """Only customers who are signed in do this."""


class NotABuyer(Denied):
    """Only customers who bought the product review it."""


class AlreadyReviewed(Exists):
    """The customer reviewed this product before; `review_id` says by which review."""


class OwnAnswer(Refused):
    """A customer votes on answers of others."""


class OwnReview(Refused):
    """Nobody votes on a review of their own."""


class InvalidReview(Invalid):
    """A review or its answer has no text, or a picture that cannot be shown; `path` says where."""


class InvalidModeration(Invalid):
    """A rejection has a reason, and no other decision has one."""


class InvalidRelation(Invalid):
    """A related product is unknown, named twice, or the product itself; `path` says which."""


class InvalidRelationRule(Invalid):
    """A rule finds products of one category or another, at most above the least; `path` says."""


class RelationRuleNotFound(NotFound):
    """No rule of related products has this code."""


class InvalidAlert(Invalid):
    """An alert has an e-mail address, and a price below that of now; `path` says which is wrong."""


class AlreadyAvailable(Refused):
    """The variant can be had: no alert is needed."""


class TooManyAlerts(Refused):
    """The address has as many alerts as it may (`most`)."""


class AlertTokenNotFound(NotFound):
    """The link is invalid, expired, or replaced by a newer one."""


class QuestionNotFound(NotFound):
    """No such question about a product, or not one that the caller may answer."""


class AnswerNotFound(NotFound):
    """No such answer to a question about a product."""


class InvalidQuestion(Invalid):
    """A question or an answer has a text; `path` names the field."""


class TooManyQuestions(Refused):
    """As many of the customer's questions and answers wait for staff as may (`most`)."""
