"""Saved questions as messages, and back."""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict, ParseError
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pydantic import JsonValue

from chassis.rpc.borders import require_valid_request
from chassis.rpc.documents import fill
from chassis.rpc.errors import Invalid
from chassis.rpc.wire import EnumCodec, timestamp
from journey.errors import InvalidQuestion
from journey.questions.answers import QUESTIONS
from journey.saved_questions.actions import NewSavedQuestion
from journey.saved_questions.model import QuestionKind, SavedQuestion
from sojourn.journey.v1 import questions_pb2
from sojourn.journey.v1 import saved_questions_pb2 as pb

KINDS: Final = EnumCodec(pb.QuestionKind, QuestionKind)
FIELD: Final = "request"
_SEGMENTS: Final = "compare_segments"


def new_saved_question(message: pb.PutSavedQuestionRequest) -> NewSavedQuestion:
    """Returns a question as it is put. Raises InvalidQuestion with the field of what is wrong."""
    kind = KINDS.decode(message.kind)
    document: dict[str, JsonValue] = whole_numbers(MessageToDict(message.request))
    request = request_of(kind, document)
    return NewSavedQuestion(message.slug, message.name, kind, document, segments_of(request))


def request_of(kind: str, document: Mapping[str, Any]) -> Message:
    """Returns the request of a question. Raises InvalidQuestion with the field of what is wrong."""
    try:
        request = QUESTIONS[QuestionKind(kind).command][0]()
        fill(request, dict(document))
    except (ParseError, ValueError, TypeError, KeyError) as error:
        raise InvalidQuestion(f"the parameters cannot be read: {error}", field=FIELD) from None
    try:
        require_valid_request(request)
    except Invalid as error:
        raise within_request(error) from None
    return request


def within_request(error: Invalid) -> InvalidQuestion:
    """Returns the refusal of a question that stands in a field of another request."""
    place = error.metadata.get("field") or error.metadata.get("path") or ""
    return InvalidQuestion(error.message, field=f"{FIELD}.{place}" if place else FIELD)


def segments_of(request: Message) -> set[str]:
    """Returns the slugs of the segments that a request names, wherever they stand."""
    found: set[str] = set()
    for field, value in request.ListFields():
        if field.name == _SEGMENTS:
            found.update(value)
        elif isinstance(value, questions_pb2.TouchpointFilter):
            found.update([value.segment] if value.segment else [])
        elif isinstance(value, Message):
            found |= segments_of(value)
    return found


def is_known(row: SavedQuestion) -> bool:
    """Returns whether this release has the kind of a saved question."""
    return row.kind in list(QuestionKind)


def saved_question(row: SavedQuestion) -> pb.SavedQuestion:
    document = Struct()
    document.update(row.request)
    return pb.SavedQuestion(
        slug=row.slug,
        name=row.name,
        kind=KINDS.encode(QuestionKind(row.kind)),
        request=document,
        owner_id=str(row.owner_id),
        version=row.version,
        created_at=timestamp(row.created_at),
        changed_at=timestamp(row.changed_at),
    )


def saved_answer(row: SavedQuestion, answer: Message) -> pb.SavedAnswer:
    found: Any = {QuestionKind(row.kind).value: answer}
    return pb.SavedAnswer(question=saved_question(row), **found)


def whole_numbers(value: Any) -> Any:
    """Returns a document whose whole numbers are integers: a Struct has no others."""
    match value:
        case dict():
            return {name: whole_numbers(inner) for name, inner in value.items()}
        case list():
            return [whole_numbers(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
    return value
