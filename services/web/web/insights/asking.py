"""Questions that an insights page asks the gateway."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from starlette.requests import Request

from web.gateway_client import Call, Caller, Reply
from web.insights.questions import InsightQuestion
from web.server.requests import web_of
from web.studio.words import Words

R = TypeVar("R", bound=Reply)


class Asker:
    """Asks the gateway questions for the member of the staff of a request.

    `words` are those of the reader's language.
    """

    def __init__(self, request: Request, caller: Caller, words: Words) -> None:
        self.words = words
        self._gateway = web_of(request).gateway
        self._caller = caller

    async def post(self, path: str, body: dict[str, Any], kind: type[R]) -> R:
        call = Call("POST", f"/v1/staff/questions/{path}", self._caller, body=body)
        return (await self._gateway.ask(call)).read(kind)

    async def get(self, path: str, query: dict[str, str], kind: type[R]) -> R:
        call = Call("GET", f"/v1/staff/questions/{path}", self._caller, query=query)
        return (await self._gateway.ask(call)).read(kind)


Answer = Callable[[Asker, InsightQuestion], Awaitable[dict[str, Any]]]
EXACT: dict[str, Any] = {"estimate": None}
