"""The edge of questions and answers, for shoppers and for staff."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from catalog.directory import Directory
from catalog.moderation.actions import Decision
from catalog.moderation.events import STATUSES
from catalog.moderation.model import ModerationStatus
from catalog.product_questions import wire
from catalog.product_questions.actions import (
    answer_as_merchant,
    answer_product_question,
    ask_product_question,
    moderate_product_answer,
    moderate_product_question,
    put_merchant_answer,
    vote_on_product_answer,
)
from catalog.product_questions.model import ProductQuestion
from catalog.product_questions.queries import (
    answers_of,
    get_question,
    list_answers,
    list_questions,
)
from catalog.products.plain_text import line_of
from catalog.reviews.queries import published_product, slugs_of
from catalog.servicers.engagement.callers import approval_of, require_customer
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id, parse_id_or, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import product_questions_pb2 as pb
from sojourn.catalog.v1 import product_questions_pb2_grpc as pb_grpc

_LAST: Final = UUID(int=2**128 - 1)
_Encode = Callable[..., pb.ProductQuestion]


class ProductQuestionServicer(Servicer, pb_grpc.ProductQuestionServiceServicer):
    """Questions for shoppers."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(public=True)
    async def ListProductQuestions(
        self, request: pb.ListProductQuestionsRequest, call: Call
    ) -> pb.ListProductQuestionsResponse:
        size = size_of(request.page.size, default=20)
        async with call.read() as read:
            found = await list_questions(
                read,
                status=ModerationStatus.APPROVED,
                product_id=await published_product(read, request.slug),
                before=_before(request.page.token),
                size=size + 1,
            )
            questions = await _encoded(read, found[:size], wire.encode_question)
        return pb.ListProductQuestionsResponse(
            questions=questions, next_page_token=_token(found, size)
        )

    @write(needs_key=True)
    async def AskProductQuestion(
        self, request: pb.AskProductQuestionRequest, call: Call
    ) -> pb.ProductQuestion:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            approval = await approval_of(tx, self._directory, request.channel)
            question = await ask_product_question(
                tx, request.slug, customer_id, wire.decode_writing(request), approval
            )
        return wire.encode_own_question(question, request.slug)

    @write(needs_key=True)
    async def AnswerProductQuestion(
        self, request: pb.AnswerProductQuestionRequest, call: Call
    ) -> pb.ProductAnswer:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            answer = await answer_product_question(
                tx,
                parse_id(request.question_id, "question_id"),
                customer_id,
                wire.decode_writing(request),
                await approval_of(tx, self._directory, request.channel),
            )
        return wire.encode_answer(answer)

    @write()
    async def VoteOnProductAnswer(
        self, request: pb.VoteOnProductAnswerRequest, call: Call
    ) -> pb.ProductAnswerVotes:
        return await self._vote(call, request.id, is_helpful=request.helpful)

    @write()
    async def WithdrawProductAnswerVote(
        self, request: pb.WithdrawProductAnswerVoteRequest, call: Call
    ) -> pb.ProductAnswerVotes:
        return await self._vote(call, request.id, is_helpful=None)

    async def _vote(
        self, call: Call, answer_id: str, *, is_helpful: bool | None
    ) -> pb.ProductAnswerVotes:
        customer_id = require_customer(call.caller)
        async with call.tx() as tx:
            answer = await vote_on_product_answer(
                tx, parse_id(answer_id, "id"), customer_id, is_helpful=is_helpful
            )
        return wire.encode_votes(answer)

    @read()
    async def ListMyProductQuestions(
        self, request: pb.ListMyProductQuestionsRequest, call: Call
    ) -> pb.ListMyProductQuestionsResponse:
        size = size_of(request.page.size, default=20)
        async with call.read() as read:
            found = await list_questions(
                read,
                customer_id=require_customer(call.caller),
                before=_before(request.page.token),
                size=size + 1,
            )
            questions = await _encoded(read, found[:size], wire.encode_own_question)
        return pb.ListMyProductQuestionsResponse(
            questions=questions, next_page_token=_token(found, size)
        )


class ProductQuestionAdminServicer(Servicer, pb_grpc.ProductQuestionAdminServiceServicer):
    """Questions and answers for staff."""

    @read(scope="reviews.moderate", or_scope="catalog.write")
    async def ListStaffProductQuestions(
        self, request: pb.ListStaffProductQuestionsRequest, call: Call
    ) -> pb.ListStaffProductQuestionsResponse:
        size = size_of(request.page.size, default=50)
        async with call.read() as read:
            found = await list_questions(
                read,
                status=STATUSES.decode(request.status) if request.status else None,
                product_id=parse_optional_id(request.product_id, "product_id"),
                before=_before(request.page.token),
                size=size + 1,
            )
            questions = await _encoded(
                read, found[:size], wire.encode_staff_question, only_approved=False
            )
        return pb.ListStaffProductQuestionsResponse(
            questions=questions, next_page_token=_token(found, size)
        )

    @read(scope="reviews.moderate", or_scope="catalog.write")
    async def GetStaffProductQuestion(
        self, request: pb.GetStaffProductQuestionRequest, call: Call
    ) -> pb.ProductQuestion:
        async with call.read() as read:
            return await _staff_question(read, await get_question(read, parse_id(request.id, "id")))

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def ModerateProductQuestion(
        self, request: pb.ModerateProductQuestionRequest, call: Call
    ) -> pb.ProductQuestion:
        async with call.tx() as tx:
            question = await moderate_product_question(
                tx, parse_id(request.id, "id"), _decision(request, call)
            )
            return await _staff_question(tx, question)

    @write(scope="reviews.moderate", or_scope="catalog.write", needs_key=True)
    async def AnswerAsMerchant(
        self, request: pb.AnswerAsMerchantRequest, call: Call
    ) -> pb.ProductAnswer:
        async with call.tx() as tx:
            answer = await answer_as_merchant(
                tx,
                parse_id(request.question_id, "question_id"),
                wire.decode_writing(request),
                actor_id=call.caller.subject_id,
            )
        return wire.encode_staff_answer(answer)

    @read(scope="reviews.moderate", or_scope="catalog.write")
    async def ListStaffProductAnswers(
        self, request: pb.ListStaffProductAnswersRequest, call: Call
    ) -> pb.ListStaffProductAnswersResponse:
        size = size_of(request.page.size, default=50)
        async with call.read() as read:
            found = await list_answers(
                read,
                status=STATUSES.decode(request.status) if request.status else None,
                before=_before(request.page.token),
                size=size + 1,
            )
        return pb.ListStaffProductAnswersResponse(
            answers=map(wire.encode_staff_answer, found[:size]),
            next_page_token=_token(found, size),
        )

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def ModerateProductAnswer(
        self, request: pb.ModerateProductAnswerRequest, call: Call
    ) -> pb.ProductAnswer:
        async with call.tx() as tx:
            answer = await moderate_product_answer(
                tx, parse_id(request.id, "id"), _decision(request, call)
            )
        return wire.encode_staff_answer(answer)

    @write(scope="reviews.moderate", or_scope="catalog.write")
    async def PutMerchantAnswer(
        self, request: pb.PutMerchantAnswerRequest, call: Call
    ) -> pb.ProductAnswer:
        async with call.tx() as tx:
            answer = await put_merchant_answer(
                tx,
                parse_id(request.id, "id"),
                wire.decode_writing(request),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return wire.encode_staff_answer(answer)


def _decision(request: Any, call: Call) -> Decision:
    return Decision(
        STATUSES.decode(request.status),
        line_of(request.reason),
        call.caller.subject_id,
        request.expected_version,
    )


def _before(token: str) -> UUID:
    after = position_of(token, length=1)
    return parse_id_or(str(after[0]), InvalidPageToken()) if after else _LAST


def _token(found: list[Any], size: int) -> str:
    return token_of([str(found[size - 1].id)]) if len(found) > size else ""


async def _encoded(
    read: Read, found: list[ProductQuestion], encode: _Encode, *, only_approved: bool = True
) -> list[pb.ProductQuestion]:
    slugs = await slugs_of(read, [each.product_id for each in found])
    answers = await answers_of(read, [each.id for each in found], only_approved=only_approved)
    return [
        encode(each, slugs.get(each.product_id, ""), answers.get(each.id, ())) for each in found
    ]


async def _staff_question(read: Read, question: ProductQuestion) -> pb.ProductQuestion:
    [encoded] = await _encoded(read, [question], wire.encode_staff_question, only_approved=False)
    return encoded
