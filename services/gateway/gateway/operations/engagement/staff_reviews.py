"""Reviews, as staff moderate and answer them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.reviews_pb2_grpc import ReviewAdminServiceServicer

_MODERATORS: Final = staff("reviews.moderate", or_scope="catalog.write")
_REVIEW: Final = "/v1/staff/reviews/{id}"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/reviews",
        rpc=rpc(ReviewAdminServiceServicer.ListStaffReviews),
        callers=_MODERATORS,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Reviews of all products, newest first; `status=pending` is what waits.",
    ),
    Endpoint(
        method="GET",
        path=_REVIEW,
        rpc=rpc(ReviewAdminServiceServicer.GetStaffReview),
        callers=_MODERATORS,
        touchpoint=None,
        text="A review.",
    ),
    Endpoint(
        method="POST",
        path=f"{_REVIEW}/moderate",
        rpc=rpc(ReviewAdminServiceServicer.ModerateReview),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"status": "rejected", "reason": "It names a person."},
        text="Approves or rejects a review. The product's rating changes with it.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_REVIEW}/answer",
        rpc=rpc(ReviewAdminServiceServicer.PutReviewAnswer),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        example={"text": "Thank you. We sent you new laces."},
        text="Sets the merchant's answer to a review.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_REVIEW}/answer",
        rpc=rpc(ReviewAdminServiceServicer.DeleteReviewAnswer),
        callers=_MODERATORS,
        touchpoint=None,
        text="Deletes the merchant's answer.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/customers/{customer_id}/contributions",
        rpc=rpc(ReviewAdminServiceServicer.EraseContributions),
        callers=staff("catalog.write"),
        touchpoint=None,
        status=204,
        text="Makes all that a customer left beside products nobody's: texts and ratings stay, "
        "without the name and the id.",
    ),
)
