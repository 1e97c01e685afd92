"""Questions and answers as messages."""

from collections.abc import Iterable
from typing import Any

from catalog.moderation.events import STATUSES
from catalog.product_questions.actions import Writing
from catalog.product_questions.model import ProductAnswer, ProductQuestion
from catalog.products.plain_text import line_of, text_of
from chassis.rpc.wire import timestamp
from sojourn.catalog.v1 import product_questions_pb2 as pb


def encode_answer(answer: ProductAnswer) -> pb.ProductAnswer:
    """The answer as any shopper sees it."""
    return pb.ProductAnswer(
        id=str(answer.id),
        question_id=str(answer.question_id),
        text=answer.body,
        author_name=answer.author_name,
        by_merchant=answer.is_merchants,
        created_at=timestamp(answer.created_at),
        status=STATUSES.encode(answer.status),
        version=answer.version,
        helpful=answer.helpful,
        unhelpful=answer.unhelpful,
    )


def encode_staff_answer(answer: ProductAnswer) -> pb.ProductAnswer:
    message = encode_answer(answer)
    message.reason, message.customer_id = answer.reason, str(answer.customer_id or "")
    return message


def encode_question(
    question: ProductQuestion, slug: str, answers: Iterable[ProductAnswer] = ()
) -> pb.ProductQuestion:
    """The question as any shopper sees it."""
    return pb.ProductQuestion(
        id=str(question.id),
        product_id=str(question.product_id),
        product_slug=slug,
        text=question.body,
        locale=question.locale,
        author_name=question.author_name,
        answers=map(encode_answer, answers),
        created_at=timestamp(question.created_at),
        status=STATUSES.encode(question.status),
        version=question.version,
    )


def encode_own_question(
    question: ProductQuestion, slug: str, answers: Iterable[ProductAnswer] = ()
) -> pb.ProductQuestion:
    """The question as its author sees it, with why it was rejected."""
    message = encode_question(question, slug, answers)
    message.reason = question.reason
    return message


def encode_staff_question(
    question: ProductQuestion, slug: str, answers: Iterable[ProductAnswer] = ()
) -> pb.ProductQuestion:
    message = encode_own_question(question, slug)
    message.customer_id = str(question.customer_id or "")
    message.answers.extend(map(encode_staff_answer, answers))
    return message


def encode_votes(answer: ProductAnswer) -> pb.ProductAnswerVotes:
    return pb.ProductAnswerVotes(helpful=answer.helpful, unhelpful=answer.unhelpful)


def decode_writing(request: Any) -> Writing:
    """Reduces what a request says to plain text."""
    return Writing(
        body=text_of(request.text),
        author_name=line_of(text_of(getattr(request, "author_name", ""))),
        locale=getattr(request, "locale", ""),
    )
