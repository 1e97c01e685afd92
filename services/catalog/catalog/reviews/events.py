"""Events of reviews. None holds a text."""

from catalog.reviews.model import ModerationStatus, Review
from sojourn.catalog.v1 import review_events_pb2 as pb
from sojourn.catalog.v1 import reviews_pb2

_STATUSES = {
    ModerationStatus.PENDING: reviews_pb2.MODERATION_STATUS_PENDING,
    ModerationStatus.APPROVED: reviews_pb2.MODERATION_STATUS_APPROVED,
    ModerationStatus.REJECTED: reviews_pb2.MODERATION_STATUS_REJECTED,
}


def review_changed(review: Review, *, is_deleted: bool = False) -> pb.ReviewChanged:
    return pb.ReviewChanged(
        review_id=str(review.id),
        version=review.version,
        product_id=str(review.product_id),
        customer_id=str(review.customer_id or ""),
        rating=review.rating,
        status=_STATUSES[review.status],
        deleted=is_deleted,
    )
