"""Events of reviews. None holds a text."""

from catalog.moderation.events import STATUSES
from catalog.reviews.model import Review
from sojourn.catalog.v1 import review_events_pb2 as pb


def review_changed(review: Review, *, is_deleted: bool = False) -> pb.ReviewChanged:
    return pb.ReviewChanged(
        review_id=str(review.id),
        version=review.version,
        product_id=str(review.product_id),
        customer_id=str(review.customer_id or ""),
        rating=review.rating,
        status=STATUSES.encode(review.status),
        deleted=is_deleted,
    )
