"""Errors as RFC 9457 problem documents."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

import grpc
from pydantic_core import to_json
from starlette.responses import Response

from chassis import telemetry
from chassis.rpc.errors import DomainError, Invalid, NotFound, Stale, TooMany, Unavailable
from chassis.text import printable

STATUS: Final[Mapping[grpc.StatusCode, int]] = {
    grpc.StatusCode.FAILED_PRECONDITION: 409,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.INVALID_ARGUMENT: 422,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ABORTED: 412,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
TITLES: Final = {
    400: "The request cannot be read: correct its syntax",
    401: "Send a valid token as Authorization: Bearer",
    403: "The token does not allow this",
    404: "There is no such thing, or not for this caller",
    405: "The path has no such method: see Allow",
    408: "The request took too long to arrive: send it again",
    409: "The request was understood and refused: see reason",
    412: "It changed since you read it: read it again",
    413: "The request is too large",
    415: "Send the body as application/json",
    422: "The request does not have the documented shape: see errors",
    428: "Send the precondition that detail names",
    429: "Too many requests: come back after Retry-After seconds",
    431: "The request's head is too large",
    500: "Something is broken on our side: tell us the trace_id",
    503: "Something is away: repeat after Retry-After seconds",
    504: "No answer in time: repeat with the same key",
}


class FieldError(TypedDict):
    """An error of one field.

    `pointer` is a JSON pointer into the request as a document with the members `path`, `query`,
    `header` and `body`, e.g. /body/lines/0/quantity. `allowed` lists what may stand there instead,
    where that is a list.
    """

    pointer: str
    code: str
    message: str
    allowed: list[str]


class NoSuchRoute(NotFound):
    """No route has this path."""


class MethodNotAllowed(Invalid):
    """The path has no such method."""


class BodyTooLarge(Invalid):
    """The body is larger than allowed."""


class HeadTooLarge(Invalid):
    """The request line and headers are larger than allowed."""


class RequestTimeout(Invalid):
    """The head or the body of the request did not arrive in time."""


class MalformedHead(Invalid):
    """The request is no HTTP, or has not exactly one valid Host."""


class MalformedBody(Invalid):
    """The body has trailers, or far more framing than content."""


class TooManyConnections(Unavailable):
    """Too many connections, in all or from this address."""


class MalformedRequest(Invalid):
    """The request does not have the documented shape; `errors` tells field by field."""

    def __init__(self, errors: Sequence[FieldError], message: str = "") -> None:
        super().__init__(message or "the request does not have the documented shape")
        self.errors = [*errors]


class MalformedJson(Invalid):
    """The body is no JSON in UTF-8."""


class UnreadableRequest(Invalid):
    """The request cannot be read."""


class UnsupportedMediaType(Invalid):
    """The body is of a type that the operation does not take; send JSON."""


class RateLimited(TooMany):
    """Too many requests from this caller."""


class PreconditionRequired(Invalid):
    """This change needs an If-Match header."""


class MalformedPrecondition(Stale):
    """The If-Match header is not one of our ETags."""


_OWN_STATUS: Final[Mapping[type[DomainError], int]] = {
    BodyTooLarge: 413, PreconditionRequired: 428, MethodNotAllowed: 405, HeadTooLarge: 431,
    RequestTimeout: 408, MalformedHead: 400,
    MalformedBody: 400, MalformedJson: 400, UnreadableRequest: 400, UnsupportedMediaType: 415,
}  # fmt: skip
# Refusals of services that HTTP has a status of its own for, by reason.
STATUS_OF_REASON: Final[Mapping[str, int]] = {"EXPECTED_TOTAL_REQUIRED": 428}


def status_of(error: DomainError) -> int:
    """Returns the HTTP status of a refusal."""
    return (
        _OWN_STATUS.get(type(error))
        or STATUS_OF_REASON.get(error.reason)
        or STATUS.get(error.status, 500)
    )


def document_of(error: DomainError, *, errors: Sequence[FieldError] | None = None) -> bytes:
    """Returns the problem document of a refusal: reason, facts, and trace for support."""
    status = status_of(error)
    opaque = status == 500
    body: dict[str, Any] = {
        "type": "urn:sojourn:problem:"
        + ("internal" if opaque else error.reason.lower().replace("_", "-")),
        "title": TITLES[status],
        "status": status,
        "detail": TITLES[500] if opaque else error.message,
        "reason": "INTERNAL" if opaque else error.reason,
        "metadata": {} if opaque else error.metadata,
        "trace_id": telemetry.trace_id(),
    }
    if errors is not None:
        body["errors"] = [dict(each) for each in errors]
    # A refusal may quote what was sent, and what was sent may have no UTF-8.
    return to_json(_printable(body))


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {printable(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


def problem(error: DomainError, *, errors: Sequence[FieldError] | None = None) -> Response:
    """Returns the refusal as a response."""
    status = status_of(error)
    if errors is None and isinstance(error, MalformedRequest):
        errors = error.errors
    headers = {"Sojourn-Reason": "INTERNAL" if status == 500 else error.reason}
    if status in (429, 503):
        headers["Retry-After"] = error.metadata.get("retry_after_seconds", "1").partition(".")[0]
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        document_of(error, errors=errors),
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )
