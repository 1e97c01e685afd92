"""Questions about products, as staff moderate and answer them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint, KeyRule
from sojourn.catalog.v1.product_questions_pb2_grpc import ProductQuestionAdminServiceServicer

_MODERATORS: Final = staff("reviews.moderate", or_scope="catalog.write")
_QUESTIONS: Final = "/v1/staff/product-questions"
_ANSWERS: Final = "/v1/staff/product-answers"
_PAGE: Final = Parameters(defaults={"page_size": 50})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_QUESTIONS,
        rpc=rpc(ProductQuestionAdminServiceServicer.ListStaffProductQuestions),
        callers=_MODERATORS,
        touchpoint=None,
        query=_PAGE,
        text="Questions about all products, newest first; `status=pending` is what waits.",
    ),
    Endpoint(
        method="GET",
        path=f"{_QUESTIONS}/{{id}}",
        rpc=rpc(ProductQuestionAdminServiceServicer.GetStaffProductQuestion),
        callers=_MODERATORS,
        touchpoint=None,
        text="A question with all its answers.",
    ),
    Endpoint(
        method="POST",
        path=f"{_QUESTIONS}/{{id}}/moderate",
        rpc=rpc(ProductQuestionAdminServiceServicer.ModerateProductQuestion),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"status": "approved"},
        text="Approves or rejects a question.",
    ),
    Endpoint(
        method="POST",
        path=f"{_QUESTIONS}/{{question_id}}/answers",
        rpc=rpc(ProductQuestionAdminServiceServicer.AnswerAsMerchant),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"text": "Yes, it is cut for that."},
        text="Answers a question for the merchant.",
    ),
    Endpoint(
        method="GET",
        path=_ANSWERS,
        rpc=rpc(ProductQuestionAdminServiceServicer.ListStaffProductAnswers),
        callers=_MODERATORS,
        touchpoint=None,
        query=_PAGE,
        text="Answers to all questions, newest first; `status=pending` is what waits.",
    ),
    Endpoint(
        method="POST",
        path=f"{_ANSWERS}/{{id}}/moderate",
        rpc=rpc(ProductQuestionAdminServiceServicer.ModerateProductAnswer),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.OPTIONAL,
        example={"status": "rejected", "reason": "It names a person."},
        text="Approves or rejects an answer.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_ANSWERS}/{{id}}",
        rpc=rpc(ProductQuestionAdminServiceServicer.PutMerchantAnswer),
        callers=_MODERATORS,
        touchpoint=None,
        body=WHOLE,
        example={"text": "Yes, over one jumper."},
        text="Replaces the text of the merchant's answer.",
    ),
)
