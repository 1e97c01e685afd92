"""Typed refusals: raised anywhere, carried by gRPC, and problem+json at the gateway.

A class is a fact (`class OutOfStock(Refused)`); its name in upper snake case is the reason that
callers match on, and its keyword arguments travel as metadata. The message is for developers and
must hold no personal data.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

DOMAIN: Final = "sojourn"
DETAILS: Final = "grpc-status-details-bin"
# Tells a peer's retry policy that this answer is one: only lost connections are repeated below the
# caller.
_NO_RETRY: Final = ("grpc-retry-pushback-ms", "-1")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class DomainError(Exception):
    """A refusal with a stable reason. Subclass one of the kinds below, not this."""

    status: ClassVar[grpc.StatusCode] = grpc.StatusCode.UNKNOWN
    reason: str = "UNKNOWN"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.reason = _WORDS.sub("_", cls.__name__).upper()

    def __init__(self, message: str = "", **metadata: object) -> None:
        super().__init__(message or self.reason.replace("_", " ").lower())
        self.message: str = self.args[0]
        self.metadata: dict[str, str] = {name: str(value) for name, value in metadata.items()}


class Refused(DomainError):
    """The business says no; the same request later may succeed. HTTP 409."""

    status = grpc.StatusCode.FAILED_PRECONDITION


class Invalid(DomainError):
    """The request makes no sense, now or later. HTTP 422."""

    status = grpc.StatusCode.INVALID_ARGUMENT


class NotFound(DomainError):
    """There is no such thing, or not for this caller. HTTP 404."""

    status = grpc.StatusCode.NOT_FOUND


class Exists(DomainError):
    """The thing to create exists already. HTTP 409."""

    status = grpc.StatusCode.ALREADY_EXISTS


class Stale(DomainError):
    """The caller saw an older version. HTTP 412."""

    status = grpc.StatusCode.ABORTED


class Unauthenticated(DomainError):
    """No token, or not a good one. HTTP 401."""

    status = grpc.StatusCode.UNAUTHENTICATED


class Denied(DomainError):
    """The caller is known and may not. HTTP 403."""

    status = grpc.StatusCode.PERMISSION_DENIED


class TooMany(DomainError):
    """Too often; `retry_after_seconds` says when to come back. HTTP 429."""

    status = grpc.StatusCode.RESOURCE_EXHAUSTED


class Unavailable(DomainError):
    """A peer, the database or the broker is away; a repeat with the same key is safe. HTTP 503."""

    status = grpc.StatusCode.UNAVAILABLE


class DeadlineExceeded(DomainError):
    """No answer in time; a repeat with the same key is safe. HTTP 504."""

    status = grpc.StatusCode.DEADLINE_EXCEEDED


class Internal(DomainError):
    """A defect; nothing about it is told. HTTP 500."""

    status = grpc.StatusCode.INTERNAL


class KeyReused(Exists):
    """The idempotency key came with another request before."""


class KeyRequired(Invalid):
    """This call creates or charges and needs an idempotency key."""


class AlreadyExists(Exists):
    """Another request made the same thing first; a repeat finds it."""


class InvalidValue(Invalid):
    """A value is out of the range that can be stored."""


class ActingNotAllowed(Denied):
    """The method takes no token of a service that acts for a shopper, or not this service's."""


class VersionMismatch(Stale):
    """The row changed since the caller saw it."""


class InvalidPageToken(Invalid):
    """The page token is not one of ours."""


class MissingToken(Unauthenticated):
    """The call needs a token."""


class InvalidToken(Unauthenticated):
    """The token is forged, expired or foreign."""


class ScopeRequired(Denied):
    """The token lacks a scope."""


_KINDS: Final[Mapping[grpc.StatusCode, type[DomainError]]] = {
    kind.status: kind
    for kind in (
        Refused,
        Invalid,
        NotFound,
        Exists,
        Stale,
        Unauthenticated,
        Denied,
        TooMany,
        Unavailable,
        DeadlineExceeded,
        Internal,
    )
}


def details_of(error: DomainError) -> bytes:
    """The reason and its metadata as a serialized google.rpc.Status with an ErrorInfo."""
    detail = any_pb2.Any()
    detail.Pack(
        error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=error.metadata)
    )
    status = status_pb2.Status(code=error.status.value[0], message=error.message, details=[detail])
    return bytes(status.SerializeToString())


def trailers_of(error: DomainError) -> tuple[tuple[str, str | bytes], ...]:
    """The trailing metadata that carries the reason and its metadata."""
    return ((DETAILS, details_of(error)), _NO_RETRY)


# Codes with which gRPC itself ends a call whose connection was reset. What a service says has an
# ErrorInfo besides.
LOST: Final = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNKNOWN}
)  # fmt: skip


def is_lost(error: grpc.aio.AioRpcError) -> bool:
    """Returns whether the connection failed rather than the peer, which then sent no reason."""
    return error.code() in LOST and all(
        key != DETAILS for key, _ in error.trailing_metadata() or ()
    )


def from_rpc(error: grpc.aio.AioRpcError, peer: str) -> DomainError:
    """The refusal of `peer` as one of the kinds above, with its reason and metadata."""
    values = [value for key, value in error.trailing_metadata() or () if key == DETAILS]
    details = values[0] if values else b""
    return from_status(
        error.code(),
        error.details() or "",
        details if isinstance(details, bytes) else details.encode(),
        peer,
    )


def from_status(code: grpc.StatusCode, message: str, details: bytes, peer: str) -> DomainError:
    """The refusal of a status with `details_of` it."""
    kind = _KINDS.get(code, Internal)
    reason, metadata = _error_info(details) if details else ("", {})
    if not reason and kind is Internal:
        if code not in LOST:
            return Internal(f"{peer} failed", peer=peer)
        kind = Unavailable
    mapped = kind(message if reason else f"{peer} is not answering", **metadata)
    if reason:
        mapped.reason = reason
    else:
        mapped.metadata["peer"] = peer
    return mapped


def _error_info(raw: bytes) -> tuple[str, dict[str, str]]:
    info = error_details_pb2.ErrorInfo()
    for detail in status_pb2.Status.FromString(raw).details:
        if detail.Unpack(info) and info.domain == DOMAIN:
            return info.reason, dict(info.metadata)
    return "", {}
