"""Events of questions and answers. None holds a text."""

from catalog.moderation.events import STATUSES
from catalog.product_questions.model import ProductAnswer, ProductQuestion
from sojourn.catalog.v1 import question_events_pb2 as pb


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
