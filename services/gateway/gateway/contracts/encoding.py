"""Protobuf messages as JSON values: field names verbatim, times in RFC 3339.

Enums are lower-case names, and unset messages are null.
"""

from collections.abc import Callable
from datetime import UTC
from functools import lru_cache
from typing import Any, Final, cast

import orjson
from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc.documents import enum_name

Renderer = Callable[[Any], Any]
_renderers: dict[str, Renderer] = {}
_public_renderers: dict[str, Renderer] = {}
# Parts that many answers have in common, in some hundred bytes each; a larger one is rendered anew,
# so that all of them take some MiB at most.
_SHARED: Final = {
    f"sojourn.catalog.v1.{name}" for name in ("ProductCard", "Facet", "Category", "Crumb")
}
_FRAGMENTS: Final = 4_096
_LARGEST_FRAGMENT: Final = 2_048
# Messages that hold any JSON.
FREE = {
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.ListValue": {"type": "array"},
    "google.protobuf.Value": {},
}


def render(message: Message) -> dict[str, Any]:
    """A message as a dict for `to_json`."""
    return _renderer(message.DESCRIPTOR)(message)  # type: ignore[no-any-return]


def render_public(message: Message) -> dict[str, Any]:
    """Renders a public message; shared parts, e.g. cards, are rendered once and cached."""
    name = message.DESCRIPTOR.full_name
    if name not in _public_renderers:
        _public_renderers[name] = _compose(
            [(field.name, _shared(field)) for field in message.DESCRIPTOR.fields]
        )
    return cast(dict[str, Any], _public_renderers[name](message))


def to_json(value: Any) -> bytes:
    """JSON of what `render` returns."""
    return orjson.dumps(value)


@lru_cache(maxsize=_FRAGMENTS)
def _fragment(kind: type[Message], content: bytes) -> orjson.Fragment:
    return orjson.Fragment(to_json(render(kind.FromString(content))))


def _shared_part(part: Any) -> Any:
    content = part.SerializeToString()
    return _fragment(part.__class__, content) if len(content) <= _LARGEST_FRAGMENT else render(part)


def _renderer(descriptor: Any) -> Renderer:
    name = descriptor.full_name
    if name not in _renderers:
        if name == Timestamp.DESCRIPTOR.full_name:
            _renderers[name] = _time
        elif name in FREE:
            _renderers[name] = _free
        else:
            _renderers[name] = _compose(
                [(field.name, _field(field)) for field in descriptor.fields]
            )
    return _renderers[name]


def _compose(fields: list[tuple[str, Renderer]]) -> Renderer:
    return lambda message: {name: value(message) for name, value in fields}


def _shared(field: Any) -> Renderer:
    name = field.name
    if (
        not field.is_repeated
        or field.message_type is None
        or field.message_type.full_name not in _SHARED
    ):
        return _field(field)
    return lambda message: [_shared_part(part) for part in getattr(message, name)]


def _time(value: Any) -> str:
    return str(value.ToDatetime(UTC).isoformat().replace("+00:00", "Z"))


def _free(value: Message) -> Any:
    return _whole(json_format.MessageToDict(value))


def _whole(value: Any) -> Any:
    """Returns a free document with 5 for 5.0, as it was sent: it has no integers of its own."""
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def is_map(field: FieldDescriptor) -> bool:
    """Returns whether a field is a map."""
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


def _field(field: FieldDescriptor) -> Renderer:
    name = field.name
    if is_map(field):
        value_type = cast(Any, field.message_type).fields_by_name["value"].message_type
        if value_type is None:
            return lambda message: dict(getattr(message, name))
        entry = _renderer(value_type)
        return lambda message: {key: entry(value) for key, value in getattr(message, name).items()}
    if field.message_type is not None:
        inner = _renderer(field.message_type)
        if field.is_repeated:
            return lambda message: [inner(part) for part in getattr(message, name)]
        return lambda message: inner(getattr(message, name)) if message.HasField(name) else None
    if field.enum_type is not None:
        names = {
            value.number: enum_name(field.enum_type, value.number)
            for value in field.enum_type.values
        }
        if field.is_repeated:
            return lambda message: [names.get(number, "") for number in getattr(message, name)]
        if field.has_presence:
            return lambda message: (
                names.get(getattr(message, name), "") if message.HasField(name) else None
            )
        return lambda message: names.get(getattr(message, name), "")
    if field.is_repeated:
        return lambda message: list(getattr(message, name))
    if field.has_presence:
        return lambda message: getattr(message, name) if message.HasField(name) else None
    return lambda message: getattr(message, name)
