"""Rows of endpoints that take a file, or a part of one, as it is."""

from typing import Any, Final

from starlette.requests import ClientDisconnect

from gateway.contracts.rpc import Rpc
from gateway.endpoints.access import Callers
from gateway.endpoints.endpoint import MIB, Endpoint, KeyRule
from gateway.endpoints.exchange import Exchange
from gateway.http.problems import MalformedJson

SECONDS: Final = 30.0


def upload(
    path: str, method: Rpc[Any, Any], callers: Callers, *, text: str, example: str, **fields: Any
) -> Endpoint[Any, Any]:
    """Returns the row of a PUT whose body is the field `content`, of at most 8 MiB."""
    return Endpoint(
        method="PUT",
        path=path,
        rpc=method,
        callers=callers,
        touchpoint=None,
        is_raw=True,
        raw_media="application/octet-stream",
        hidden=frozenset({"content"}),
        prepare=take_content,
        key=KeyRule.NONE,
        deadline_seconds=SECONDS,
        most_bytes=8 * MIB,
        text=text,
        example=example,
        **fields,
    )


async def take_content(exchange: Exchange[Any]) -> None:
    """Takes the body as it came. Raises MalformedJson where its client left before its end."""
    try:
        exchange.message.content = await exchange.request.body()
    except ClientDisconnect:
        raise MalformedJson("the body ended early") from None
