"""Use cases of questions: customers ask, staff and buyers answer, staff moderate."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.channels.model import ContributionApproval
from catalog.errors import (
    AnswerNotFound,
    InvalidQuestion,
    NotABuyer,
    OwnAnswer,
    QuestionNotFound,
    TooManyQuestions,
)
from catalog.moderation.actions import Decision, VoteTable, change_vote
from catalog.moderation.model import (
    ModerationStatus,
    require_reason,
    require_version,
    status_at_first,
)
from catalog.product_questions.events import answer_changed, question_changed
from catalog.product_questions.model import (
    MOST_WAITING,
    ProductAnswer,
    ProductAnswerVote,
    ProductQuestion,
)
from catalog.product_questions.queries import count_waiting, get_question, lock_answer
from catalog.purchases.model import has_bought
from catalog.reviews.queries import published_product
from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7

_ERASE_QUESTIONS: Final = (
    "UPDATE product_question SET customer_id = NULL, author_name = '', version = version + 1"
    " WHERE customer_id = %s"
)
_VOTES: Final = VoteTable(
    ProductAnswerVote,
    "answer_id",
    "UPDATE product_answer SET helpful = helpful + %s, unhelpful = unhelpful + %s WHERE id = %s",
)
_ERASE_ANSWERS: Final = (
    "UPDATE product_answer SET customer_id = NULL, author_name = '', version = version + 1"
    " WHERE customer_id = %s"
)


@dataclass(frozen=True, slots=True)
class Writing:
    """A text of a customer or of the merchant, without markup."""

    body: str
    author_name: str = ""
    locale: str = ""

    def require_valid(self) -> None:
        """Raises InvalidQuestion for one without a text."""
        if not self.body:
            raise InvalidQuestion("has a text", path="text")


async def ask_product_question(
    tx: Tx, slug: str, customer_id: UUID, written: Writing, approval: ContributionApproval
) -> ProductQuestion:
    """Asks a question, which waits for approval unless a buyer asks whom the channel trusts.

    Raises ProductNotFound, TooManyQuestions, InvalidQuestion.
    """
    written.require_valid()
    product_id = await published_product(tx, slug)
    await _require_few(tx, customer_id)
    question = ProductQuestion(
        id=uuid7(),
        product_id=product_id,
        customer_id=customer_id,
        body=written.body,
        locale=written.locale,
        author_name=written.author_name,
        status=await _first_status(tx, approval, customer_id, product_id),
        created_at=tx.now,
    )
    await tx.insert(question)
    await tx.emit(question_changed(question), key=question.id)
    return question


async def answer_product_question(
    tx: Tx,
    question_id: UUID,
    customer_id: UUID,
    written: Writing,
    approval: ContributionApproval,
) -> ProductAnswer:
    """Answers an approved question as a buyer.

    The answer waits for approval where the channel does not trust buyers.

    Raises QuestionNotFound, NotABuyer, TooManyQuestions, InvalidQuestion.
    """
    written.require_valid()
    question = await get_question(tx, question_id)
    if question.status is not ModerationStatus.APPROVED:
        raise QuestionNotFound(question_id=question_id)
    if not await has_bought(tx, customer_id, question.product_id):
        raise NotABuyer("buy the product first")
    await _require_few(tx, customer_id)
    status = status_at_first(approval, is_buyers=True)
    return await _add(tx, question_id, written, customer_id, status)


async def vote_on_product_answer(
    tx: Tx, answer_id: UUID, customer_id: UUID, *, is_helpful: bool | None
) -> ProductAnswer:
    """Sets or, for None, withdraws a customer's vote. Raises AnswerNotFound, OwnAnswer."""
    answer = await lock_answer(tx, answer_id)
    if answer.status is not ModerationStatus.APPROVED:
        raise AnswerNotFound(answer_id=answer_id)
    if answer.customer_id == customer_id:
        raise OwnAnswer("the answer is your own")
    await change_vote(tx, _VOTES, answer, customer_id, is_helpful=is_helpful)
    return answer


async def answer_as_merchant(
    tx: Tx, question_id: UUID, written: Writing, *, actor_id: UUID | None = None
) -> ProductAnswer:
    """Answers a question for the merchant, approved at once.

    Raises QuestionNotFound, InvalidQuestion.
    """
    written.require_valid()
    await get_question(tx, question_id)
    answer = await _add(tx, question_id, written, None, ModerationStatus.APPROVED)
    record_audit(
        tx,
        actor_id,
        "answer_as_merchant",
        f"product_question:{question_id}",
        after={"answer_id": str(answer.id)},
    )
    return answer


async def moderate_product_question(
    tx: Tx, question_id: UUID, decision: Decision
) -> ProductQuestion:
    """Sets the state of a question. Raises QuestionNotFound, InvalidModeration, VersionMismatch."""
    require_reason(decision.status, decision.reason)
    question = await tx.lock(ProductQuestion, question_id)
    if question is None:
        raise QuestionNotFound(question_id=question_id)
    if await _moderate(tx, question, decision, f"product_question:{question_id}"):
        await tx.emit(question_changed(question), key=question.id)
    return question


async def moderate_product_answer(tx: Tx, answer_id: UUID, decision: Decision) -> ProductAnswer:
    """Sets the state of an answer. Raises AnswerNotFound, InvalidModeration, VersionMismatch."""
    require_reason(decision.status, decision.reason)
    answer = await lock_answer(tx, answer_id)
    if await _moderate(tx, answer, decision, f"product_answer:{answer_id}"):
        await tx.emit(answer_changed(answer), key=answer.id)
    return answer


async def put_merchant_answer(
    tx: Tx,
    answer_id: UUID,
    written: Writing,
    *,
    actor_id: UUID | None = None,
    expected_version: int = 0,
) -> ProductAnswer:
    """Replaces the text of the merchant's answer.

    Raises AnswerNotFound, InvalidQuestion, VersionMismatch.
    """
    written.require_valid()
    answer = await lock_answer(tx, answer_id)
    if not answer.is_merchants:
        raise AnswerNotFound("the answer is a customer's", answer_id=answer_id)
    require_version(answer, expected_version)
    if answer.body == written.body:
        return answer
    answer.body = written.body
    await tx.update(answer)
    await tx.emit(answer_changed(answer), key=answer.id)
    record_audit(
        tx,
        actor_id,
        "put_merchant_answer",
        f"product_answer:{answer_id}",
        after={"version": answer.version},
    )
    return answer


async def erase_asker(tx: Tx, customer_id: UUID) -> None:
    """Takes a customer's name and id off questions and answers. The texts stay."""
    await tx.run(_ERASE_QUESTIONS, [customer_id])
    await tx.run(_ERASE_ANSWERS, [customer_id])
    # What others counted stays counted.
    await tx.run("DELETE FROM product_answer_vote WHERE customer_id = %s", [customer_id])


async def _add(
    tx: Tx, question_id: UUID, written: Writing, customer_id: UUID | None, status: ModerationStatus
) -> ProductAnswer:
    answer = ProductAnswer(
        id=uuid7(),
        question_id=question_id,
        customer_id=customer_id,
        is_merchants=customer_id is None,
        body=written.body,
        author_name=written.author_name,
        status=status,
        created_at=tx.now,
    )
    await tx.insert(answer)
    await tx.emit(answer_changed(answer), key=answer.id)
    return answer


async def _moderate(
    tx: Tx, row: ProductQuestion | ProductAnswer, decision: Decision, subject: str
) -> bool:
    """Returns whether the decision changed anything."""
    if not decision.changes(row):
        return False
    before = decision.apply(row)
    await tx.update(row)
    decision.record(tx, "moderate", subject, before, row)
    return True


async def _first_status(
    tx: Tx, approval: ContributionApproval, customer_id: UUID, product_id: UUID
) -> ModerationStatus:
    """Returns the state of a new question; purchases are looked up where they count."""
    is_buyers = approval is ContributionApproval.BUYERS and await has_bought(
        tx, customer_id, product_id
    )
    return status_at_first(approval, is_buyers=is_buyers)


async def _require_few(tx: Tx, customer_id: UUID) -> None:
    if await count_waiting(tx, customer_id) >= MOST_WAITING:
        raise TooManyQuestions("wait until staff have read yours", most=MOST_WAITING)
