"""Values by method and path template."""

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V")
# A branch key for a path parameter and for the value at the end of a path; no segment of a path is
# an integer.
_PARAMETER: Final = 0
_VALUE: Final = 1


class PathTree(Generic[V]):
    """Values by method and path template, e.g. `/v1/carts/{cart_id}`.

    A word goes before a parameter.
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
