"""Events of questions and answers. None holds a text."""

from typing import Final

from catalog.product_questions.model import ProductAnswer, ProductQuestion
from catalog.reviews.model import ModerationStatus
from chassis.rpc.wire import EnumCodec
from sojourn.catalog.v1 import question_events_pb2 as pb
from sojourn.catalog.v1 import reviews_pb2

STATUSES: Final = EnumCodec(reviews_pb2.ModerationStatus, ModerationStatus)


def question_changed(question: ProductQuestion) -> pb.ProductQuestionChanged:
    return pb.ProductQuestionChanged(
        question_id=str(question.id),
        version=question.version,
        product_id=str(question.product_id),
        customer_id=str(question.customer_id or ""),
        status=STATUSES.encode(question.status),
    )


def answer_changed(answer: ProductAnswer) -> pb.ProductAnswerChanged:
    return pb.ProductAnswerChanged(
        answer_id=str(answer.id),
        version=answer.version,
        question_id=str(answer.question_id),
        customer_id=str(answer.customer_id or ""),
        status=STATUSES.encode(answer.status),
    )
