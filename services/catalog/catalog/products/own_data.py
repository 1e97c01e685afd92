"""A merchant's own data on a product: any JSON object within bounds."""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct
from pydantic_core import to_json

from catalog.products.refusals import refuse

MOST_BYTES: Final = 16 * 1024
# Of objects and lists in each other; a plain value in the object is at level 1.
MOST_LEVELS: Final = 5
# The integers that JSON readers agree on.
_MOST_WHOLE: Final = 2**53


def document_of(message: Struct) -> dict[str, Any]:
    """Returns the object of a message, whose numbers are whole again where they can be."""
    found: dict[str, Any] = _whole(MessageToDict(message))
    return found


def require_bounded(data: Mapping[str, Any], line: int, field: str) -> None:
    """Refuses an object that is too large or too deep."""
    if _levels_of(data) > MOST_LEVELS:
        refuse(line, field, f"must be at most {MOST_LEVELS} levels deep", most=MOST_LEVELS)
    if len(to_json(data)) > MOST_BYTES:
        refuse(line, field, f"must be at most {MOST_BYTES} bytes as JSON", most=MOST_BYTES)


def merge_patch(data: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an object changed by a JSON merge patch (RFC 7396): null removes a name."""
    merged = dict(data)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = merge_patch(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged


def _levels_of(value: Any) -> int:
    if isinstance(value, Mapping):
        return 1 + max(map(_levels_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_levels_of, value), default=0)
    return 0


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MOST_WHOLE:
        return int(value)
    return value
