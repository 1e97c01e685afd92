"""Customers ask about products; staff and buyers answer; staff moderate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import Denied, Invalid, NotFound, Refused, Stale
from chassis.runtime.clock import uuid7
from chassis.testing import events_of
from services.catalog.tests.catalog_replica import Replica, a_product
from services.catalog.tests.engagement import Reviews, an_order, deliver, placed
from sojourn.catalog.v1 import channels_pb2, reviews_pb2
from sojourn.catalog.v1 import product_questions_pb2 as pb
from sojourn.catalog.v1 import product_questions_pb2_grpc as pb_grpc
from sojourn.catalog.v1.contribution_approval_pb2 import CONTRIBUTION_APPROVAL_BUYERS
from sojourn.catalog.v1.question_events_pb2 import ProductAnswerChanged, ProductQuestionChanged
from sojourn.catalog.v1.reviews_pb2 import (
    MODERATION_STATUS_APPROVED,
    MODERATION_STATUS_PENDING,
    MODERATION_STATUS_REJECTED,
)
from sojourn.common.v1.page_pb2 import Page
from sojourn.identity.v1.events_pb2 import CustomerErased


class Questions:
    """Questions about one product, `lamp`."""

    def __init__(self, shop: Replica, product_id: str) -> None:
        self.shop, self.product_id = shop, product_id
        self.public = shop.peer.stub(pb_grpc.ProductQuestionServiceStub)
        self.admin = shop.peer.stub(pb_grpc.ProductQuestionAdminServiceStub)

    async def as_customer(self, customer: UUID, method: Any, request: Any) -> Any:
        token = self.shop.tokens.customer(customer)
        return await self.shop.ask(method, request, authorization=token, key=str(uuid7()))

    async def ask(self, customer: UUID, text: str = "Is it bright?") -> pb.ProductQuestion:
        request = pb.AskProductQuestionRequest(slug="lamp", text=text, author_name="Jane")
        return await self.as_customer(customer, self.public.AskProductQuestion, request)  # type: ignore[no-any-return]

    async def answer(self, customer: UUID, question: pb.ProductQuestion) -> pb.ProductAnswer:
        request = pb.AnswerProductQuestionRequest(question_id=question.id, text="<b>Very.</b>")
        return await self.as_customer(customer, self.public.AnswerProductQuestion, request)  # type: ignore[no-any-return]

    async def approve(self, question: pb.ProductQuestion, version: int = 0) -> pb.ProductQuestion:
        request = pb.ModerateProductQuestionRequest(
            id=question.id, status=MODERATION_STATUS_APPROVED, expected_version=version
        )
        return await self.shop.as_staff(self.admin.ModerateProductQuestion, request)  # type: ignore[no-any-return]

    async def listed(self, **page: Any) -> pb.ListProductQuestionsResponse:
        request = pb.ListProductQuestionsRequest(slug="lamp", page=Page(**page))
        return await self.shop.ask(self.public.ListProductQuestions, request)  # type: ignore[no-any-return]


@pytest.fixture
async def questions(shop: Replica) -> Questions:
    imported = await shop.import_products(a_product("Lamp", slug="lamp"))
    return Questions(shop, imported.product_ids[0])


async def test_a_question_is_asked_approved_and_answered_by_merchant_and_buyer(
    questions: Questions, database: Database
) -> None:
    shop, jane, bo = questions.shop, uuid7(), uuid7()
    await deliver(database, placed(an_order(bo, [questions.product_id])))

    asked = await questions.ask(jane, "Is it <i>bright</i>?")
    with pytest.raises(NotFound):
        await questions.answer(bo, asked)
    hidden = await questions.listed()
    await questions.approve(asked, version=1)
    with pytest.raises(Stale):
        await questions.approve(asked, version=1)
    with pytest.raises(Denied) as stranger:
        await questions.answer(jane, asked)
    buyers = await questions.answer(bo, asked)
    await shop.as_staff(
        questions.admin.AnswerAsMerchant,
        pb.AnswerAsMerchantRequest(question_id=asked.id, text="800 lm."),
    )
    waiting = await shop.as_staff(
        questions.admin.ListStaffProductAnswers,
        pb.ListStaffProductAnswersRequest(status=MODERATION_STATUS_PENDING),
    )
    await shop.as_staff(
        questions.admin.ModerateProductAnswer,
        pb.ModerateProductAnswerRequest(id=buyers.id, status=MODERATION_STATUS_APPROVED),
    )

    assert (asked.text, asked.status) == ("Is it bright?", MODERATION_STATUS_PENDING)
    assert not hidden.questions
    assert stranger.value.reason == "NOT_A_BUYER"
    assert [(each.id, each.customer_id) for each in waiting.answers] == [(buyers.id, str(bo))]
    [listed] = (await questions.listed()).questions
    assert [(each.text, each.by_merchant) for each in listed.answers] == [
        ("800 lm.", True),
        ("Very.", False),
    ]
    assert listed.customer_id == listed.answers[1].customer_id == ""
    assert [each.version for each in await events_of(database, ProductQuestionChanged)] == [1, 2]
    assert len(await events_of(database, ProductAnswerChanged)) == 3


async def test_staff_reject_with_a_reason_that_the_author_reads_and_mend_their_answers(
    questions: Questions,
) -> None:
    shop, jane = questions.shop, uuid7()
    asked = await questions.ask(jane)
    request = pb.ModerateProductQuestionRequest(id=asked.id, status=MODERATION_STATUS_REJECTED)
    with pytest.raises(Invalid):
        await shop.as_staff(questions.admin.ModerateProductQuestion, request)
    request.reason = "No question."
    await shop.as_staff(questions.admin.ModerateProductQuestion, request)
    answer = await shop.as_staff(
        questions.admin.AnswerAsMerchant,
        pb.AnswerAsMerchantRequest(question_id=asked.id, text="800 lm."),
    )
    mended = await shop.as_staff(
        questions.admin.PutMerchantAnswer,
        pb.PutMerchantAnswerRequest(id=answer.id, text="900 lm.", expected_version=1),
    )
    shown = await shop.as_staff(
        questions.admin.ListStaffProductQuestions,
        pb.ListStaffProductQuestionsRequest(
            status=MODERATION_STATUS_REJECTED, product_id=questions.product_id
        ),
    )

    mine = await questions.as_customer(
        jane, questions.public.ListMyProductQuestions, pb.ListMyProductQuestionsRequest()
    )
    assert [each.reason for each in mine.questions] == ["No question."]
    assert (mended.text, mended.version) == ("900 lm.", 2)
    assert [each.text for each in shown.questions[0].answers] == ["900 lm."]


async def test_questions_come_page_by_page_and_only_so_many_wait(questions: Questions) -> None:
    jane = uuid7()
    asked = [await questions.ask(uuid7(), f"Question {number}?") for number in range(3)]
    for each in asked:
        await questions.approve(each)
    first = await questions.listed(size=2)
    second = await questions.listed(size=2, token=first.next_page_token)
    for number in range(20):
        await questions.ask(jane, f"And {number}?")
    with pytest.raises(Refused) as flood:
        await questions.ask(jane)
    with pytest.raises(Invalid):
        await questions.ask(uuid7(), "<script>x</script>")
    with pytest.raises(Invalid):
        await questions.listed(token="forged")

    ids = [each.id for each in [*first.questions, *second.questions]]
    assert ids == [each.id for each in reversed(asked)]
    assert flood.value.reason == "TOO_MANY_QUESTIONS"


async def test_an_erased_customer_s_questions_stay_without_the_customer(
    questions: Questions, database: Database
) -> None:
    jane = uuid7()
    await questions.approve(await questions.ask(jane))

    await deliver(database, CustomerErased(customer_id=str(jane)))

    [listed] = (await questions.listed()).questions
    assert (listed.text, listed.author_name) == ("Is it bright?", "")
    async with database.read() as read:
        assert await read.fetch("SELECT customer_id FROM product_question") == [(None,)]


async def test_customers_vote_on_answers_of_others_and_the_most_helpful_comes_first(
    questions: Questions, database: Database
) -> None:
    shop, bo, cy, jane = questions.shop, uuid7(), uuid7(), uuid7()
    await deliver(database, *(placed(an_order(each, [questions.product_id])) for each in (bo, cy)))
    asked = await questions.approve(await questions.ask(jane))
    first, second = [await questions.answer(each, asked) for each in (bo, cy)]
    for answer in (first, second):
        request = pb.ModerateProductAnswerRequest(id=answer.id, status=MODERATION_STATUS_APPROVED)
        # A moderator need not keep the catalogue.
        moderator = shop.tokens.staff("reviews.moderate")
        await shop.ask(
            questions.admin.ModerateProductAnswer, request, authorization=moderator, key=answer.id
        )

    async def vote(customer: UUID, helpful: bool | None) -> pb.ProductAnswerVotes:
        if helpful is None:
            method: Any = questions.public.WithdrawProductAnswerVote
            request: Any = pb.WithdrawProductAnswerVoteRequest(id=second.id)
        else:
            method = questions.public.VoteOnProductAnswer
            request = pb.VoteOnProductAnswerRequest(id=second.id, helpful=helpful)
        votes: pb.ProductAnswerVotes = await questions.as_customer(customer, method, request)
        return votes

    with pytest.raises(Refused) as own:
        await vote(cy, True)
    votes = [await vote(jane, each) for each in (True, True, False, None, True)]
    await vote(bo, False)
    await deliver(database, CustomerErased(customer_id=str(jane)))

    assert own.value.reason == "OWN_ANSWER"
    assert [(each.helpful, each.unhelpful) for each in votes] == [
        (1, 0), (1, 0), (0, 1), (0, 0), (1, 0)
    ]  # fmt: skip
    [listed] = (await questions.listed()).questions
    assert [(each.id, each.helpful, each.unhelpful) for each in listed.answers] == [
        (second.id, 1, 1),
        (first.id, 0, 0),
    ]


async def test_a_channel_that_trusts_buyers_shows_what_they_write_at_once(
    questions: Questions, database: Database
) -> None:
    shop, bo, jane = questions.shop, uuid7(), uuid7()
    await deliver(database, placed(an_order(bo, [questions.product_id])))
    await shop.as_staff(
        shop.channels.UpdateChannel,
        channels_pb2.UpdateChannelRequest(
            code="default",
            update_mask=["contribution_approval"],
            settings=channels_pb2.ChannelInput(contribution_approval=CONTRIBUTION_APPROVAL_BUYERS),
        ),
    )
    async with database.read() as read:
        await shop.directory.refresh(read)

    async def rewrite(review: reviews_pb2.Review, rating: int) -> reviews_pb2.Review:
        written = reviews_pb2.ReviewInput(rating=rating, text="It broke.", locale="en")
        request = reviews_pb2.UpdateReviewRequest(id=review.id, review=written)
        rewritten: reviews_pb2.Review = await reviews.as_customer(
            bo, reviews.public.UpdateReview, request
        )
        return rewritten

    by_buyer, by_stranger = await questions.ask(bo), await questions.ask(jane)
    answer = await questions.answer(bo, by_buyer)
    reviews = Reviews(shop)
    review = await reviews.write(bo, "lamp", 4)
    rated = (await reviews.listed("lamp")).rating
    changed = await rewrite(review, 2)
    await reviews.moderate(review, MODERATION_STATUS_REJECTED, "It names a person.")
    mended = await rewrite(review, 3)

    assert [each.status for each in (by_buyer, answer, review, changed)] == [
        MODERATION_STATUS_APPROVED
    ] * 4
    assert [by_stranger.status, mended.status] == [MODERATION_STATUS_PENDING] * 2
    assert (rated.count, rated.average) == (1, 4.0)
