"""Answers in two steps: an estimate in time, and the exact answer after it, as one stream.

A client that accepts `text/event-stream` gets events of the HTML standard, section 9.2: `estimate`
with the answer from some people, and `exact` with that from all, or `problem` with why there is
none. An answer that is exact at once is the only event.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.rpc.errors import DomainError
from gateway.contracts.encoding import render, to_json
from gateway.contracts.rpc import Rpc
from gateway.endpoints.answers import NO_STORE, answer_of
from gateway.endpoints.exchange import Exchange
from gateway.http.problems import document_of

STREAM: Final = "text/event-stream"
# Of the first answer, where the request names no time.
_FIRST_MS: Final = 800


def can_be_refined(rpc: Rpc[Any, Any]) -> bool:
    """Returns whether a method answers from some people where it is asked to be quick."""
    return (
        "within_ms" in rpc.request.DESCRIPTOR.fields_by_name
        and "estimate" in rpc.reply.DESCRIPTOR.fields_by_name
    )


def wants_stream(request: Request) -> bool:
    """Returns whether a client accepts the answer as events."""
    accepted = request.headers.get("accept", "")
    return any(part.partition(";")[0].strip() == STREAM for part in accepted.split(","))


async def prepare_first(exchange: Exchange[Any]) -> None:
    """Asks for an estimate first where the client takes a stream."""
    if wants_stream(exchange.request) and not exchange.message.within_ms:
        exchange.message.within_ms = _FIRST_MS


def refining(rpc: Rpc[Any, Any]) -> dict[str, Any]:
    """Returns the parts of the row of a question that can be answered in two steps."""

    async def compose(exchange: Exchange[Any], reply: Message) -> Response:
        if not wants_stream(exchange.request):
            return answer_of(reply)
        # Proxies that gather an answer would hold the estimate back.
        headers = {**NO_STORE, "X-Accel-Buffering": "no"}
        return StreamingResponse(_events(rpc, exchange, reply), media_type=STREAM, headers=headers)

    return {"prepare": prepare_first, "compose": compose, "stream_media": STREAM}


async def _events(rpc: Rpc[Any, Any], exchange: Exchange[Any], first: Any) -> AsyncIterator[bytes]:
    if not first.HasField("estimate"):
        yield _event("exact", to_json(render(first)))
        return
    yield _event("estimate", to_json(render(first)))
    exchange.message.within_ms = 0
    try:
        exact = await exchange.ask(rpc, exchange.message, exchange.options)
    except DomainError as error:
        yield _event("problem", document_of(error))
    else:
        yield _event("exact", to_json(render(exact)))


def _event(name: str, document: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), document)
