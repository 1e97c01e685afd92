"""Defence against fraud: limits, actions on signals and scores, order reviews, disputes."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import Endpoint, KeyRule
from sojourn.checkout.v1.disputes_pb2_grpc import PaymentDisputeServiceServicer
from sojourn.checkout.v1.fraud_pb2_grpc import FraudServiceServicer, OrderReviewServiceServicer

_SETTINGS: Final = staff("payments.write")
_READ: Final = staff("orders.read", or_scope="orders.write")
_WRITE: Final = staff("orders.write")
_LIMIT: Final = "/v1/staff/fraud-limits/{code}"
_REVIEW: Final = "/v1/staff/orders/{order_id}/review"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/fraud-limits",
        rpc=rpc(FraudServiceServicer.ListFraudLimits),
        callers=_SETTINGS,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Limits against fraud by code.",
    ),
    Endpoint(
        method="GET",
        path=_LIMIT,
        rpc=rpc(FraudServiceServicer.GetFraudLimit),
        callers=_SETTINGS,
        touchpoint=None,
        text="A limit against fraud.",
    ),
    Endpoint(
        method="PUT",
        path=_LIMIT,
        rpc=rpc(FraudServiceServicer.PutFraudLimit),
        callers=_SETTINGS,
        touchpoint=None,
        body="limit",
        paths={"code": "limit.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a limit by its code: the most orders, declined payments or money "
        "of one customer, e-mail address, address or card in some hours. Orders follow within "
        "seconds.",
        example={
            "measure": "orders",
            "subject": "email",
            "hours": 24,
            "most": 5,
            "action": "review",
        },
    ),
    Endpoint(
        method="DELETE",
        path=_LIMIT,
        rpc=rpc(FraudServiceServicer.DeleteFraudLimit),
        callers=_SETTINGS,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a limit. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/fraud-settings",
        rpc=rpc(FraudServiceServicer.GetFraudSettings),
        callers=_SETTINGS,
        touchpoint=None,
        text="What signals of payment providers and scores do in a channel.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/fraud-settings",
        rpc=rpc(FraudServiceServicer.PutFraudSettings),
        callers=_SETTINGS,
        touchpoint=None,
        body="settings",
        key=KeyRule.OPTIONAL,
        text="Sets what signals of payment providers and scores do in a channel, and how long a "
        "review may take. Orders follow within seconds.",
        example={"elevated_risk": "review", "highest_risk": "refuse", "review_hours": 48},
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/order-reviews",
        rpc=rpc(OrderReviewServiceServicer.ListOrderReviews),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Orders under review with what spoke against them, oldest first; with a `status` "
        "those whose review ended so.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/payment-disputes",
        rpc=rpc(PaymentDisputeServiceServicer.ListPaymentDisputes),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Disputes of payments, newest first: the buyer's bank takes the money back.",
    ),
    Endpoint(
        method="GET",
        path=_REVIEW,
        rpc=rpc(OrderReviewServiceServicer.GetOrderReview),
        callers=_READ,
        touchpoint=None,
        text="The review of an order.",
    ),
    Endpoint(
        method="POST",
        path=f"{_REVIEW}/release",
        rpc=rpc(OrderReviewServiceServicer.ReleaseOrderReview),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Takes the money of an order under review and lets it go; an order whose money the "
        "provider refuses is cancelled. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=f"{_REVIEW}/reject",
        rpc=rpc(OrderReviewServiceServicer.RejectOrderReview),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        text="Gives up the money of an order under review and cancels it. A repeat is fine.",
    ),
)
