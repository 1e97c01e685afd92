"""Events and rows that services gave up, of one service or of all."""

import asyncio
from typing import Any, Final, Literal, TypeVar

from google.protobuf.message import Message
from pydantic import Field
from starlette.responses import Response

from gateway.contracts.encoding import render
from gateway.contracts.models import model_of
from gateway.contracts.rpc import Rpc, rpc
from gateway.contracts.schemas import Composed, lists_by_name
from gateway.endpoints.answers import answer_of, json_answer
from gateway.endpoints.exchange import Exchange
from sojourn.common.v1 import dead_letters_pb2 as pb
from sojourn.common.v1.dead_letters_pb2_grpc import DeadLetterServiceServicer

Req = TypeVar("Req", bound=Message)
LIST_DEAD_LETTERS: Final = rpc(DeadLetterServiceServicer.ListDeadLetters)
LIST_SKIPPED_ROWS: Final = rpc(DeadLetterServiceServicer.ListSkippedRows)
REDRIVE_DEAD_LETTERS: Final = rpc(DeadLetterServiceServicer.RedriveDeadLetters)
DEAD_LETTERS: Final = Composed(
    name="DeadLettersByService",
    parts={"dead_letters": lists_by_name(pb.DeadLetter, "By service, oldest first.")},
    text="Events that services gave up on.",
)
SKIPPED_ROWS: Final = Composed(
    name="SkippedRowsByService",
    parts={"skipped_rows": lists_by_name(pb.SkippedRow, "By service, those skipped last first.")},
    text="Rows that loops of services left out.",
)
CONSUMERS: Final = ("catalog", "cart", "checkout", "journey", "notifications")
SERVICES: Final = (*CONSUMERS, "identity")


async def list_dead_letters(exchange: Exchange[pb.ListDeadLettersRequest]) -> Response:
    """Returns the dead letters of all consumers, or of one."""
    return await _list(exchange, LIST_DEAD_LETTERS, "dead_letters", CONSUMERS)


async def list_skipped_rows(exchange: Exchange[pb.ListSkippedRowsRequest]) -> Response:
    """Returns the skipped rows of all services, or of one."""
    return await _list(exchange, LIST_SKIPPED_ROWS, "skipped_rows", SERVICES)


class RedriveBody(model_of(pb.RedriveDeadLettersRequest.DESCRIPTOR)):  # type: ignore[misc]
    """Dead letters of one service; all of them where none is named."""

    service: Literal[CONSUMERS] = Field(description="the service that gave them up")  # type: ignore[valid-type]

    def arguments(self) -> dict[str, Any]:
        given: dict[str, Any] = super().arguments()
        del given["service"]
        return given


async def redrive_dead_letters(exchange: Exchange[pb.RedriveDeadLettersRequest]) -> Response:
    """Gives dead letters back to their service."""
    body = exchange.body
    assert isinstance(body, RedriveBody)
    backend = exchange.peers.named(str(body.service))
    reply = await backend.ask(exchange.request, REDRIVE_DEAD_LETTERS, exchange.message)
    return answer_of(reply)


async def _list(
    exchange: Exchange[Req], method: Rpc[Req, Any], part: str, services: tuple[str, ...]
) -> Response:
    """Asks all services, or one. Raises a refusal where none answers."""
    wanted = exchange.query.chosen("service")
    names = [wanted] if wanted else [*services]
    asked = (
        exchange.peers.named(name).ask(exchange.request, method, exchange.message) for name in names
    )
    replies = await asyncio.gather(*asked, return_exceptions=True)
    found: dict[str, object] = {}
    for name, reply in zip(names, replies, strict=True):
        if not isinstance(reply, BaseException):
            found[name] = render(reply)[part]
    if not found:
        raise next(reply for reply in replies if isinstance(reply, BaseException))
    return json_answer({part: found, "degraded": [name for name in names if name not in found]})
