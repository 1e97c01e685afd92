"""Answers of any length, read from a service a part at a time: memory holds one part."""

from collections.abc import AsyncIterator, Callable
from typing import Final, TypeVar

from google.protobuf.message import Message

from chassis.rpc.deadlines import set_deadline
from gateway.contracts.rpc import Rpc
from gateway.endpoints.exchange import Exchange

Req = TypeVar("Req", bound=Message)
Part = TypeVar("Part", bound=Message)
# Of one part: the answer as a whole may take as long as its reader.
_PART_SECONDS: Final = 10.0


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

    `advance` sets the request to the part after one, and returns False at the end.
    """
    part = first
    while True:
        yield part
        if not advance(exchange.message, part):
            return
        set_deadline(_PART_SECONDS)
        part = await exchange.ask(rpc, exchange.message)
