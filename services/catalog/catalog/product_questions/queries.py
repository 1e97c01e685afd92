"""Reads of questions and answers, keyset-paged by id, newest first."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from catalog.errors import AnswerNotFound, QuestionNotFound
from catalog.moderation.model import ModerationStatus
from catalog.product_questions.model import MOST_ANSWERS, ProductAnswer, ProductQuestion
from chassis.data.rows import columns_of
from chassis.data.tx import Read, Tx

_ANSWERS: Final = (
    "SELECT "
    + ", ".join(f'a."{name}"' for name in columns_of(ProductAnswer))
    + " FROM unnest(%(question_ids)s::uuid[]) AS q (id) CROSS JOIN LATERAL (SELECT * FROM"
    " product_answer x WHERE x.question_id = q.id AND (%(all)s OR x.status = 'approved')"
    " ORDER BY x.is_merchants DESC, x.helpful DESC, x.id LIMIT %(most)s) a"
)
_WAITING: Final = (
    "SELECT (SELECT count(*) FROM product_question WHERE customer_id = %(id)s"
    " AND status = 'pending') + (SELECT count(*) FROM product_answer WHERE customer_id = %(id)s"
    " AND status = 'pending')"
)


async def list_questions(
    read: Read,
    *,
    status: ModerationStatus | None = None,
    product_id: UUID | None = None,
    customer_id: UUID | None = None,
    before: UUID,
    size: int,
) -> list[ProductQuestion]:
    """Questions before an id, newest first. None means all."""
    query = select(ProductQuestion).where(col(ProductQuestion.id) < before)
    if status is not None:
        query = query.where(col(ProductQuestion.status) == status)
    if product_id is not None:
        query = query.where(col(ProductQuestion.product_id) == product_id)
    if customer_id is not None:
        query = query.where(col(ProductQuestion.customer_id) == customer_id)
    return await read.all(query.order_by(col(ProductQuestion.id).desc()).limit(size))


async def answers_of(
    read: Read, question_ids: Sequence[UUID], *, only_approved: bool
) -> Mapping[UUID, list[ProductAnswer]]:
    """Answers by question: the merchant's first, then the most helpful; MOST_ANSWERS at most."""
    if not question_ids:
        return {}
    records = await read.fetch(
        _ANSWERS,
        {"question_ids": list(question_ids), "all": not only_approved, "most": MOST_ANSWERS},
    )
    found: dict[UUID, list[ProductAnswer]] = {}
    for answer in map(ProductAnswer.load, records):
        found.setdefault(answer.question_id, []).append(answer)
    return found


async def list_answers(
    read: Read, *, status: ModerationStatus | None, before: UUID, size: int
) -> list[ProductAnswer]:
    """Answers before an id, newest first."""
    query = select(ProductAnswer).where(col(ProductAnswer.id) < before)
    if status is not None:
        query = query.where(col(ProductAnswer.status) == status)
    return await read.all(query.order_by(col(ProductAnswer.id).desc()).limit(size))


async def get_question(read: Read, question_id: UUID) -> ProductQuestion:
    """Raises QuestionNotFound."""
    found = await read.get(ProductQuestion, question_id)
    if found is None:
        raise QuestionNotFound(question_id=question_id)
    return found


async def lock_answer(tx: Tx, answer_id: UUID) -> ProductAnswer:
    """Raises AnswerNotFound."""
    found = await tx.lock(ProductAnswer, answer_id)
    if found is None:
        raise AnswerNotFound(answer_id=answer_id)
    return found


async def count_waiting(read: Read, customer_id: UUID) -> int:
    """The number of a customer's questions and answers that wait for staff."""
    found = await read.fetch_one(_WAITING, {"id": customer_id})
    return int(found[0]) if found else 0
