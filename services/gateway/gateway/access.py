"""Access to each operation, and the size of its body: checked on a request's head, before a byte of
the body is read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from chassis.rpc.auth import Caller
from chassis.rpc.errors import Denied, MissingToken

KIB: Final = 1024
MIB: Final = 1024 * KIB
STAFF_PREFIX: Final = "/v1/staff/"
V = TypeVar("V")
# A branch key for a path parameter and for the value at the end of a path; no segment of a path is
# an integer.
_PARAMETER: Final = 0
_VALUE: Final = 1


class StaffOnly(Denied):
    """The operation belongs to the back office; the token is not a staff member's."""


class Access(StrEnum):
    """The least that a caller of an operation needs."""

    PUBLIC = "public"
    """Nothing; a token that comes along must be valid, but to read."""
    SHOPPER = "shopper"
    """A valid token. The services check whose resource it is."""
    STAFF = "staff"
    """A staff member's token with the operation's scope."""


@dataclass(frozen=True, slots=True)
class Operation:
    """The declaration of one operation.

    `most_bytes` bounds the body; `scope` is the one that the service behind it checks. `query`
    names its query parameters; None takes any.
    """

    access: Access
    scope: str = ""
    most_bytes: int = 64 * KIB
    query: frozenset[str] | None = None

    def require(self, caller: Caller) -> None:
        """Raises MissingToken, ScopeRequired or StaffOnly unless the caller may call this."""
        if self.access is Access.PUBLIC:
            return
        if caller.kind == "anonymous":
            raise MissingToken
        if self.access is Access.STAFF:
            if self.scope:
                caller.require(self.scope)
            if caller.kind != "staff":
                raise StaffOnly("only staff may do this", kind=caller.kind)


class PathTree(Generic[V]):
    """Values by method and path template, e.g.

    `/v1/carts/{cart_id}`. A word goes before a parameter.
    """

    def __init__(self) -> None:
        self._tree: dict[str | int, Any] = {}

    def add(self, method: str, path: str, value: V) -> None:
        """Stores a value; the first one of a template wins."""
        branch = self._tree.setdefault(method, {})
        for segment in path.split("/"):
            branch = branch.setdefault(_PARAMETER if segment.startswith("{") else segment, {})
        branch.setdefault(_VALUE, value)

    def find(self, method: str, path: str) -> tuple[V, list[str]] | None:
        """Returns the value of a path and the texts of its parameters, or None."""
        branch = self._tree.get(method)
        return next(_walk(branch, path.split("/"), 0, []), None) if branch is not None else None


def _walk(
    branch: dict[str | int, Any], segments: list[str], at: int, texts: list[str]
) -> Iterator[tuple[Any, list[str]]]:
    if at == len(segments):
        if _VALUE in branch:
            yield branch[_VALUE], texts
        return
    segment = segments[at]
    if (inner := branch.get(segment)) is not None:
        yield from _walk(inner, segments, at + 1, texts)
    if segment and (inner := branch.get(_PARAMETER)) is not None:
        yield from _walk(inner, segments, at + 1, [*texts, segment])


# Paths that no operation has: the answer is 404 or 405, and it needs no body. What looks like the
# back office is its own.
_UNKNOWN: Final = Operation(Access.PUBLIC)
_UNKNOWN_STAFF: Final = Operation(Access.STAFF)
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_operations: Final[PathTree[Operation]] = PathTree()
OPERATIONS: Final[dict[tuple[str, str], Operation]] = {}


def declare(method: str, path: str, operation: Operation) -> None:
    """Declares an operation by its method and path template."""
    if (operation.access is Access.STAFF) is not bool(operation.scope) or (
        operation.access is Access.STAFF
    ) is not path.startswith(STAFF_PREFIX):
        raise ValueError(
            f"{method} {path}: staff operations have a scope and are under {STAFF_PREFIX}; others "
            "have and are neither"
        )
    OPERATIONS[method, path] = operation
    _operations.add(method, path, operation)


def methods_of(path: str) -> list[str]:
    """Returns the methods of the operations at a path, none for a path that does not exist."""
    return [method for method in _METHODS if _operations.find(method, path) is not None]


def operation_of(method: str, path: str) -> Operation:
    """Returns the operation that a request names."""
    found = _operations.find(method, path)
    if found is not None:
        return found[0]
    # Browsers ask with OPTIONS, without a token, whether they may call.
    return _UNKNOWN_STAFF if path.startswith(STAFF_PREFIX) and method != "OPTIONS" else _UNKNOWN
