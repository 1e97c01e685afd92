"""Refusals of an endpoint: from its contract's comments, its row, and the request's path."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import grpc

from gateway.contracts.encoding import is_map
from gateway.contracts.rpc import Rpc
from gateway.endpoints.access import Access
from gateway.endpoints.endpoint import Endpoint, KeyRule
from gateway.http.problems import STATUS, STATUS_OF_REASON

_CODES: Final = {code.name: STATUS[code] for code in grpc.StatusCode if code in STATUS}
_PART: Final = re.compile(rf"\b({'|'.join(_CODES)})\b|\(([^()]*)\)")
_REASON: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
# Any request may meet these.
_ALWAYS: Final[Mapping[int, tuple[str, ...]]] = {
    400: ("MALFORMED_HEAD",),
    401: ("INVALID_TOKEN",),
    408: ("REQUEST_TIMEOUT",),
    422: ("INVALID_TEXT", "MALFORMED_REQUEST", "UNKNOWN_CONSENT"),
    429: ("RATE_LIMITED",),
    431: ("HEAD_TOO_LARGE",),
    500: ("INTERNAL",),
    503: ("OVERLOADED", "UNAVAILABLE"),
    504: ("DEADLINE_EXCEEDED",),
}


@lru_cache(maxsize=500)
def refusals_in(comment: str) -> Mapping[int, frozenset[str]]:
    """Returns the reasons by HTTP status that a contract's comment names."""
    found: dict[int, set[str]] = {}
    status = 0
    for part in _PART.finditer(comment):
        if part[1]:
            status = _CODES[part[1]]
            found.setdefault(status, set())
        elif status:
            for reason in _REASON.findall(part[2]):
                found.setdefault(STATUS_OF_REASON.get(reason, status), set()).add(reason)
    return {status: frozenset(reasons) for status, reasons in found.items()}


def refusals_of(endpoint: Endpoint[Any, Any]) -> dict[int, list[str]]:
    """Returns the reasons of an endpoint by HTTP status, in their order."""
    found: dict[int, set[str]] = {}
    for status, reasons in _parts(endpoint):
        found.setdefault(status, set()).update(reasons)
    return {status: sorted(reasons) for status, reasons in sorted(found.items())}


def _parts(endpoint: Endpoint[Any, Any]) -> Iterator[tuple[int, tuple[str, ...]]]:
    yield from _ALWAYS.items()
    rpc: Rpc[Any, Any] = endpoint.rpc
    for comment in (rpc.description, rpc.service_description):
        for status, reasons in refusals_in(comment).items():
            yield status, tuple(reasons)
    for reason in endpoint.errors:
        yield _status_of(reason), (reason,)
    match endpoint.callers.access:
        case Access.STAFF:
            yield 401, ("MISSING_TOKEN",)
            if "{" in endpoint.path:
                yield 404, ()
            yield 403, ("SCOPE_REQUIRED", "STAFF_ONLY")
        case Access.SHOPPER:
            yield 401, ("MISSING_TOKEN",)
            yield 403, ()
            yield 404, ()
        case Access.PUBLIC:
            pass
    yield from _parts_of_request(endpoint)


def _parts_of_request(endpoint: Endpoint[Any, Any]) -> Iterator[tuple[int, tuple[str, ...]]]:
    if endpoint.body is not None:
        yield 400, ("MALFORMED_JSON", "MALFORMED_BODY")
        yield 415, ("UNSUPPORTED_MEDIA_TYPE",)
    if endpoint.method not in ("GET", "DELETE"):
        yield 413, ("BODY_TOO_LARGE",)
        yield 503, ("TOO_MANY_BODIES",)
    else:
        yield 413, ("BODY_TOO_LARGE",)
    if endpoint.key_rule is not KeyRule.NONE:
        yield 409, ("KEY_REUSED",)
    if endpoint.key_rule is KeyRule.REQUIRED:
        yield 422, ("KEY_REQUIRED",)
    if endpoint.has_versions:
        yield 412, ("MALFORMED_PRECONDITION", "VERSION_MISMATCH")
    if endpoint.needs_version:
        yield 428, ("PRECONDITION_REQUIRED",)
    if any(field.name == "page" and not is_map(field) for field in _fields(endpoint)):
        yield 422, ("INVALID_PAGE_TOKEN",)


def _fields(endpoint: Endpoint[Any, Any]) -> Any:
    return endpoint.rpc.request.DESCRIPTOR.fields


def _status_of(reason: str) -> int:
    if reason in STATUS_OF_REASON:
        return STATUS_OF_REASON[reason]
    return 412 if reason == "VERSION_MISMATCH" else 409
