"""Edge of SavedQuestionService: questions and segments that staff keep."""

from typing import Final

from google.protobuf.message import Message

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from journey.errors import InvalidQuestion, MapNotFound
from journey.questions.answers import QUESTIONS, Answers, EmptyStore
from journey.saved_questions import wire
from journey.saved_questions.actions import delete_saved_question, put_saved_question
from journey.saved_questions.model import QuestionKind
from journey.saved_questions.queries import get_saved_question, list_saved_questions
from journey.segments import wire as segments
from journey.segments.actions import delete_segment, put_segment
from journey.segments.queries import get_segment, list_segments
from journey.servicers.questions import require_map
from journey.store.store import TouchpointStore
from sojourn.journey.v1 import questions_pb2
from sojourn.journey.v1 import saved_questions_pb2 as pb
from sojourn.journey.v1 import saved_questions_pb2_grpc as pb_grpc

_READ: Final = "journeys.read"
_WRITE: Final = "journeys.write"
_USUAL_SIZE: Final = 50


class SavedQuestionServicer(Servicer, pb_grpc.SavedQuestionServiceServicer):
    """Staff keep questions and segments, and ask what they kept."""

    def __init__(self, database: Database, verifier: TokenVerifier, store: TouchpointStore) -> None:
        super().__init__(database, verifier)
        self._answers, self._checks = Answers(database, store), Answers(database, EmptyStore())

    @read(scope=_READ)
    async def GetSavedQuestion(
        self, request: pb.GetSavedQuestionRequest, call: Call
    ) -> pb.SavedQuestion:
        async with call.read() as read:
            return wire.saved_question(await get_saved_question(read, request.slug))

    @read(scope=_READ)
    async def ListSavedQuestions(
        self, request: pb.ListSavedQuestionsRequest, call: Call
    ) -> pb.ListSavedQuestionsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            found = await list_saved_questions(
                read,
                kind=wire.KINDS.decode(request.kind) if request.kind else "",
                owner_id=parse_optional_id(request.owner_id, "owner_id"),
                after=_after(request.page.token),
                limit=size + 1,
            )
        return pb.ListSavedQuestionsResponse(
            questions=[wire.saved_question(row) for row in found[:size] if wire.is_known(row)],
            next_page_token=_token([row.slug for row in found], size),
        )

    @write(scope=_WRITE)
    async def PutSavedQuestion(
        self, request: pb.PutSavedQuestionRequest, call: Call
    ) -> pb.SavedQuestion:
        actor_id, new = call.caller.person_id, wire.new_saved_question(request)
        try:
            await _answer(self._checks, new.kind, wire.request_of(new.kind, new.request))
        except InvalidQuestion as error:
            raise wire.within_request(error) from None
        async with call.tx() as tx:
            return wire.saved_question(
                await put_saved_question(
                    tx, new, actor_id=actor_id, expected_version=request.expected_version
                )
            )

    @write(scope=_WRITE)
    async def DeleteSavedQuestion(
        self, request: pb.DeleteSavedQuestionRequest, call: Call
    ) -> pb.DeleteSavedQuestionResponse:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            await delete_saved_question(
                tx, request.slug, actor_id=actor_id, expected_version=request.expected_version
            )
        return pb.DeleteSavedQuestionResponse()

    @read(scope=_READ)
    async def AnswerSavedQuestion(
        self, request: pb.AnswerSavedQuestionRequest, call: Call
    ) -> pb.SavedAnswer:
        async with call.read() as read:
            row = await get_saved_question(read, request.slug)
        question = wire.request_of(row.kind, row.request)
        if (slug := _map_of(question)) is not None:
            await require_map(call, slug)
        return wire.saved_answer(row, await _answer(self._answers, row.kind, question))

    @read(scope=_READ)
    async def GetSegment(self, request: pb.GetSegmentRequest, call: Call) -> pb.Segment:
        async with call.read() as read:
            return segments.segment(await get_segment(read, request.slug))

    @read(scope=_READ)
    async def ListSegments(
        self, request: pb.ListSegmentsRequest, call: Call
    ) -> pb.ListSegmentsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            found = await list_segments(read, after=_after(request.page.token), limit=size + 1)
        return pb.ListSegmentsResponse(
            segments=[segments.segment(row) for row in found[:size]],
            next_page_token=_token([row.slug for row in found], size),
        )

    @write(scope=_WRITE)
    async def PutSegment(self, request: pb.PutSegmentRequest, call: Call) -> pb.Segment:
        actor_id, new = call.caller.person_id, segments.new_segment(request)
        async with call.tx() as tx:
            return segments.segment(
                await put_segment(
                    tx, new, actor_id=actor_id, expected_version=request.expected_version
                )
            )

    @write(scope=_WRITE)
    async def DeleteSegment(
        self, request: pb.DeleteSegmentRequest, call: Call
    ) -> pb.DeleteSegmentResponse:
        actor_id = call.caller.person_id
        async with call.tx() as tx:
            await delete_segment(
                tx, request.slug, actor_id=actor_id, expected_version=request.expected_version
            )
        return pb.DeleteSegmentResponse()


async def _answer(answers: Answers, kind: str, request: Message) -> Message:
    _, answer = QUESTIONS[QuestionKind(kind).command]
    try:
        return await answer(answers, request)
    except MapNotFound:
        raise InvalidQuestion("no such map", field="map") from None


def _after(token: str) -> str:
    position = pagination.position_of(token, length=1)
    return str(position[0]) if position else ""


def _token(slugs: list[str], size: int) -> str:
    return pagination.token_of([slugs[size - 1]]) if len(slugs) > size else ""


def _map_of(question: Message) -> str | None:
    """Returns the slug of the map that a question is about; None where it is about none."""
    if isinstance(question, questions_pb2.ListMapPeopleRequest):
        return question.numbers.map
    of_map = (
        questions_pb2.GetMapNumbersRequest,
        questions_pb2.GetConformanceRequest,
        questions_pb2.GetSaysDoesRequest,
    )
    return question.map if isinstance(question, of_map) else None
