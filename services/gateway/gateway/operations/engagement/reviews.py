"""Reviews of products by those who bought them."""

from typing import Final

from pydantic import JsonValue

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.catalog.v1.reviews_pb2_grpc import ReviewServiceServicer

_PAGE: Final = Parameters(defaults={"page_size": 20})
_REVIEW: Final[dict[str, JsonValue]] = {
    "rating": 5,
    "title": "Dry in every rain",
    "text": "Worn for a year, and still tight.",
    "locale": "en",
    "author_name": "Ada",
    "images": [{"url": "https://pictures.example.com/jacket.jpg", "alt": "The jacket in rain"}],
}
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/products/{slug}/reviews",
        rpc=rpc(ReviewServiceServicer.ListReviews),
        callers=PUBLIC,
        touchpoint="review.view",
        query=Parameters(defaults={"page_size": 20, "sort": "newest"}),
        sends_token=False,
        text="Approved reviews of a product, and its rating.",
    ),
    Endpoint(
        method="POST",
        path="/v1/products/{slug}/reviews",
        rpc=rpc(ReviewServiceServicer.CreateReview),
        callers=SHOPPER,
        touchpoint="review.write",
        body="review",
        status=201,
        example=_REVIEW,
        text="Reviews a product that the caller bought, once. Shoppers see it once it is "
        "approved: by staff, or at once where the channel trusts buyers.",
    ),
    Endpoint(
        method="GET",
        path="/v1/me/reviews",
        rpc=rpc(ReviewServiceServicer.ListMyReviews),
        callers=SHOPPER,
        touchpoint=None,
        query=_PAGE,
        text="The caller's own reviews, with what became of them.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/me/reviews/{id}",
        rpc=rpc(ReviewServiceServicer.UpdateReview),
        callers=SHOPPER,
        touchpoint="review.write",
        body="review",
        example=_REVIEW,
        text="Replaces a review of the caller's, which is approved anew.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/me/reviews/{id}",
        rpc=rpc(ReviewServiceServicer.DeleteReview),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Deletes a review of the caller's.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/reviews/{id}/vote",
        rpc=rpc(ReviewServiceServicer.VoteOnReview),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        example={"helpful": True},
        text="Says whether a review helped. A later vote replaces the first.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/reviews/{id}/vote",
        rpc=rpc(ReviewServiceServicer.WithdrawReviewVote),
        callers=SHOPPER,
        touchpoint=None,
        text="Takes the caller's vote back.",
    ),
)
