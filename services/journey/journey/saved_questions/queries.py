"""Reads of saved questions."""

from typing import Final
from uuid import UUID

from sqlmodel import col, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.tx import Read, Tx
from journey.errors import SavedQuestionNotFound
from journey.saved_questions.model import QuestionKind, SavedQuestion

_LOOP: Final = Loop("saved_questions")


async def get_saved_question(read: Read, slug: str) -> SavedQuestion:
    """Returns a saved question. Raises SavedQuestionNotFound."""
    question = await read.get(SavedQuestion, slug)
    # A newer release may have kinds that this one does not know.
    if question is None or question.kind not in list(QuestionKind):
        raise SavedQuestionNotFound(slug=slug)
    return question


async def lock_saved_question(tx: Tx, slug: str) -> SavedQuestion:
    """Returns a saved question, locked. Raises SavedQuestionNotFound."""
    if (question := await tx.lock(SavedQuestion, slug)) is None:
        raise SavedQuestionNotFound(slug=slug)
    return question


async def list_saved_questions(
    read: Read, *, kind: str = "", owner_id: UUID | None = None, after: str = "", limit: int
) -> list[SavedQuestion]:
    """Returns saved questions by slug. `after` is the last slug of the page before."""
    query = select(SavedQuestion).order_by(col(SavedQuestion.slug)).limit(limit)
    query = query.where(col(SavedQuestion.slug) > after)
    if kind:
        query = query.where(SavedQuestion.kind == kind)
    if owner_id is not None:
        query = query.where(SavedQuestion.owner_id == owner_id)
    return await find_readable(read, SavedQuestion, query, loop=_LOOP)
