"""A merchant's own data on what staff keep: any JSON object within bounds."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value
from pydantic_core import to_json

from catalog.products.refusals import refuse
from chassis.rpc.errors import DomainError
from sojourn.catalog.v1 import catalog_pb2

MOST_BYTES: Final = 16 * 1024
# Of objects and lists in each other; a plain value in the object is at level 1.
MOST_LEVELS: Final = 5
# Of the variants of a product together: an answer has all of them.
MOST_BYTES_OF_VARIANTS: Final = 1024 * 1024
# The integers that JSON readers agree on.
_MOST_WHOLE: Final = 2**53


def document_of(message: Struct) -> dict[str, Any]:
    """Returns the object of a message, whose numbers are whole again where they can be."""
    return {name: _plain(value) for name, value in message.fields.items()}


def _plain(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return document_of(value.struct_value)
        case "list_value":
            return [_plain(one) for one in value.list_value.values]
        case "number_value":
            return whole_numbers(value.number_value)
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def require_bounded(data: Mapping[str, Any], line: int, field: str) -> None:
    """Refuses an object that is too large or too deep."""
    if broken := _broken_bound(data):
        text, bounds = broken
        refuse(line, field, text, most=bounds.get("most"))


def given_data(
    given: catalog_pb2.ProductInput | catalog_pb2.VariantInput, line: int, field: str
) -> dict[str, Any] | None:
    """Returns the object that an input has, None where it says nothing. Refuses a too large one."""
    if not given.HasField("metadata"):
        return None
    data = document_of(given.metadata)
    require_bounded(data, line, field)
    return data


def require_bounded_together(data: Iterable[Mapping[str, Any]], line: int, field: str) -> None:
    """Refuses objects of a product's variants that are too large together."""
    if sum(len(to_json(each)) for each in data if each) > MOST_BYTES_OF_VARIANTS:
        refuse(
            line,
            field,
            f"must be at most {MOST_BYTES_OF_VARIANTS} bytes, of all variants of a product",
            most=MOST_BYTES_OF_VARIANTS,
        )


def with_own_data(
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    refusal: Callable[..., DomainError],
    *,
    path: str = "metadata",
) -> dict[str, Any]:
    """Returns changes with `own_data` in place of `metadata`, a JSON merge patch of it.

    An empty patch clears it. Raises what `refusal` makes where it is too large or too deep.
    """
    found = dict(values)
    if "metadata" in found:
        patch = found.pop("metadata")
        found["own_data"] = merge_patch(before, patch) if patch else {}
    if broken := _broken_bound(found.get("own_data", {})):
        text, bounds = broken
        raise refusal(text, path=path, **bounds)
    return found


def _broken_bound(data: Mapping[str, Any]) -> tuple[str, dict[str, int]] | None:
    """Returns what is wrong with an object, and the bound that it breaks."""
    if _levels_of(data) > MOST_LEVELS:
        return f"must be at most {MOST_LEVELS} levels deep", {"most": MOST_LEVELS}
    if not _is_finite(data):
        return "must have numbers that are not infinite, as 1e400 is", {}
    if len(to_json(data)) > MOST_BYTES:
        return f"must be at most {MOST_BYTES} bytes as JSON", {"most": MOST_BYTES}
    return None


def struct_of(data: Mapping[str, Any]) -> Struct:
    """Returns an object as a message."""
    struct = Struct()
    struct.update(data)
    return struct


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


def _is_finite(value: Any) -> bool:
    """Returns whether JSON, and PostgreSQL, can hold all numbers in a value."""
    if isinstance(value, Mapping):
        return all(map(_is_finite, value.values()))
    if isinstance(value, list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def whole_numbers(value: Any) -> Any:
    """Returns a value whose numbers are whole again where they can be."""
    if isinstance(value, dict):
        return {name: whole_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [whole_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _MOST_WHOLE:
        return int(value)
    return value
