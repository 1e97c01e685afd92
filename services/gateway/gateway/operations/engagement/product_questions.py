"""Questions about products, answered by the merchant and by buyers."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import PUBLIC, SHOPPER
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.catalog.v1.product_questions_pb2_grpc import ProductQuestionServiceServicer

_PAGE: Final = Parameters(defaults={"page_size": 20})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/products/{slug}/questions",
        rpc=rpc(ProductQuestionServiceServicer.ListProductQuestions),
        callers=PUBLIC,
        touchpoint=None,
        query=_PAGE,
        sends_token=False,
        text="Approved questions about a product, with their answers.",
    ),
    Endpoint(
        method="POST",
        path="/v1/products/{slug}/questions",
        rpc=rpc(ProductQuestionServiceServicer.AskProductQuestion),
        callers=SHOPPER,
        touchpoint="product.question",
        body=WHOLE,
        status=201,
        example={"text": "Does it fit over a thick jumper?", "locale": "en"},
        text="Asks about a product. Shoppers see it once it is approved.",
    ),
    Endpoint(
        method="POST",
        path="/v1/product-questions/{question_id}/answers",
        rpc=rpc(ProductQuestionServiceServicer.AnswerProductQuestion),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        status=201,
        example={"text": "It does, a size larger."},
        text="Answers a question about a product that the caller bought. Shoppers see it once "
        "it is approved.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/product-answers/{id}/vote",
        rpc=rpc(ProductQuestionServiceServicer.VoteOnProductAnswer),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        example={"helpful": True},
        text="Says whether an answer helped. A later vote replaces the first.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/product-answers/{id}/vote",
        rpc=rpc(ProductQuestionServiceServicer.WithdrawProductAnswerVote),
        callers=SHOPPER,
        touchpoint=None,
        text="Takes the caller's vote back.",
    ),
    Endpoint(
        method="GET",
        path="/v1/me/product-questions",
        rpc=rpc(ProductQuestionServiceServicer.ListMyProductQuestions),
        callers=SHOPPER,
        touchpoint=None,
        query=_PAGE,
        text="The caller's own questions, with what became of them.",
    ),
)
