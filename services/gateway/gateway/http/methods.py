"""HEAD and OPTIONS, which every path has (RFC 9110, sections 9.3.2 and 9.3.7)."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Message, Send

from gateway.http.problems import NoSuchRoute

_ALWAYS: Final = "OPTIONS"


def without_body(send: Send) -> Send:
    """Wraps the `send` of a HEAD request: the answer to GET without its body."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": b""}
        await send(message)

    return send_head


async def send_allowed_methods(methods: Sequence[str], send: Send) -> None:
    """Answers OPTIONS with the methods of a path. Raises NoSuchRoute."""
    if not methods:
        raise NoSuchRoute("no route has this path")
    allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else []), _ALWAYS})
    headers = [(b"allow", ", ".join(allowed).encode())]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
