"""Answers of any length, read from a service a part at a time: memory holds one part."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

from google.protobuf.message import Message

from chassis import telemetry
from chassis.backoff import Backoff
from chassis.rpc.deadlines import set_deadline
from chassis.rpc.errors import DomainError
from gateway.contracts.rpc import Rpc
from gateway.endpoints.exchange import Exchange

Req = TypeVar("Req", bound=Message)
Part = TypeVar("Part", bound=Message)
T = TypeVar("T")
log = telemetry.log("parts")
# Of one part: the answer as a whole may take as long as its reader.
_PART_SECONDS: Final = 10.0
# For how long a part that was refused is asked for again. The answer has begun, so that its reader
# would find it cut. The part before was answered a moment ago: such a refusal is that of a replica
# that follows changes of settings a second or two later, or is load, or a restart.
_PATIENCE_SECONDS: Final = 30.0
_BACKOFF: Final = Backoff(first_seconds=0.1, most_seconds=2)


async def read_first_part(exchange: Exchange[Req], rpc: Rpc[Req, Part]) -> Part:
    """Returns the first part. Raises the refusals of the service before an answer begins."""
    return await exchange.ask(rpc, exchange.message)


async def parts_of(
    exchange: Exchange[Req],
    rpc: Rpc[Req, Part],
    first: Part,
    advance: Callable[[Req, Part], bool],
) -> AsyncIterator[Part]:
    """Yields all parts; each is asked for after the one before it was written.

    `advance` sets the request to the part after one, and returns False at the end. Raises the
    refusal of a later part after it was asked for again and again.
    """
    part = first
    while True:
        yield part
        if not advance(exchange.message, part):
            return
        part = await ask_patiently(lambda: exchange.ask(rpc, exchange.message))


async def ask_patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Returns what a call of an answer under way answers, asked again while it is refused."""
    ends_at, attempts = time.monotonic() + _PATIENCE_SECONDS, 0
    while True:
        set_deadline(_PART_SECONDS)
        try:
            return await ask()
        except DomainError as error:
            attempts += 1
            seconds = _BACKOFF.after(attempts)
            if time.monotonic() + seconds > ends_at:
                raise
            log.warning("a part is asked for again", reason=error.reason, attempts=attempts)
        await asyncio.sleep(seconds)
