"""JSON answers."""

from collections.abc import Mapping
from typing import Final

from google.protobuf.message import Message
from pydantic import JsonValue
from starlette.responses import Response

from gateway.contracts.encoding import render, to_json
from gateway.endpoints.preconditions import etag_of

# Messages whose texts are in the language of their own locale.
_LOCALIZED: Final = frozenset(
    {"sojourn.cart.v1.Cart", "sojourn.checkout.v1.Checkout", "sojourn.checkout.v1.Order"}
)
NO_STORE: Final = {"Cache-Control": "no-store"}


def json_answer(
    value: JsonValue | Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Returns a JSON answer from plain values."""
    return raw_answer(to_json(value), status=status, headers=headers)


def raw_answer(
    body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Returns an answer whose body is JSON already."""
    return Response(
        body, status_code=status, media_type="application/json", headers=dict(headers or {})
    )


def answer_of(reply: Message, *, status: int = 200) -> Response:
    """Returns a message as an answer, with its version as the ETag where it has one."""
    version = getattr(reply, "version", 0) if "version" in reply.DESCRIPTOR.fields_by_name else 0
    headers = {"ETag": etag_of(version)} if version else {}
    if is_localized(reply):
        headers |= language_of(getattr(reply, "locale", ""))
    return json_answer(render(reply), status=status, headers=headers)


def is_localized(message: Message | type[Message]) -> bool:
    """Returns whether the texts of a message are in the language of its own locale."""
    return message.DESCRIPTOR.full_name in _LOCALIZED


def language_of(locale: str) -> dict[str, str]:
    """Returns the header that names the language of an answer's texts."""
    return {"Content-Language": locale} if locale else {}


def empty_answer() -> Response:
    """Returns an answer without a body."""
    return Response(status_code=204)
