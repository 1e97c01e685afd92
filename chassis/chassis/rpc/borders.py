"""Validates gRPC requests: texts, amounts, times and the contract's constraints.

Messages are walked by a plan that is made once per message type. Texts are put into NFC in place.
Nearly every request is of printable ASCII: a first walk only looks whether that is so (3 µs for a
request of ten fields), and a second one, which knows the path of each field, runs for the others.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis import text
from chassis.money import MOST_MINOR, require_bounded
from chassis.rpc.constraints import require_constraints
from chassis.rpc.errors import Invalid

# Times that a border accepts. Every time zone's form of them fits Python, PostgreSQL and RFC 3339.
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_LINE: Final = re.compile(r"\w+\[(\d+)\]\.")
_EARLIEST_SECONDS, _LATEST_SECONDS = int(EARLIEST.timestamp()), int(LATEST.timestamp())


class InvalidTime(Invalid):
    """A time is not between the years 1900 and 2200."""


def require_valid_time(at: datetime, *, path: str = "") -> datetime:
    """Returns the time in UTC. It must be aware. Raises InvalidTime."""
    try:
        in_utc = at.astimezone(UTC)
    except OverflowError:
        in_utc = LATEST
    if not EARLIEST <= in_utc < LATEST:
        raise InvalidTime("a time is between the years 1900 and 2200", path=path)
    return in_utc


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    is_text: bool
    is_map: bool
    is_repeated: bool
    has_texts_as_keys: bool


@dataclass(frozen=True, slots=True)
class _Plan:
    """The fields of one message type that are checked.

    `check` tells of the message itself; `texts` and `messages` are names of single fields.
    """

    check: Callable[[Any], bool] | None
    texts: tuple[str, ...]
    messages: tuple[str, ...]
    repeated_texts: tuple[str, ...]
    repeated_messages: tuple[str, ...]
    maps: tuple[_Field, ...]


def require_valid_request(message: Message) -> None:
    """Raises an error with the `path` of the first field that breaks a rule.

    The errors are InvalidText, AmountTooLarge, InvalidTime, InvalidField and InvalidId.

    In a batch, which is a request with a list of messages, `line` (from 1) says in which message it
    is.
    """
    try:
        if not _is_plain(message):
            _require_valid(message, "")
        require_constraints(message)
    except Invalid as error:
        if found := _LINE.match(error.metadata.get("path", "")):
            error.metadata.setdefault("line", str(int(found[1]) + 1))
        raise


def _is_plain(message: Any) -> bool:
    """Returns whether all texts are printable ASCII and all amounts and times in range."""
    plan = _PLANS.get(type(message)) or _plan(message)
    if plan.check is not None and not plan.check(message):
        return False
    for name in plan.texts:
        if (value := getattr(message, name)) and not (value.isascii() and value.isprintable()):
            return False
    for name in plan.messages:
        if message.HasField(name) and not _is_plain(getattr(message, name)):
            return False
    for name in plan.repeated_texts:
        for value in getattr(message, name):
            if not (value.isascii() and value.isprintable()):
                return False
    for name in plan.repeated_messages:
        for value in getattr(message, name):
            if not _is_plain(value):
                return False
    return not any(getattr(message, field.name) for field in plan.maps) or all(
        _is_plain_map(message, field) for field in plan.maps
    )


def _is_plain_map(message: Any, field: _Field) -> bool:
    for key, value in getattr(message, field.name).items():
        if field.has_texts_as_keys and not (key.isascii() and key.isprintable()):
            return False
        if isinstance(value, str) and not (value.isascii() and value.isprintable()):
            return False
        if isinstance(value, Message) and not _is_plain(value):
            return False
    return True


def _plan(message: Any) -> _Plan:
    fields = _plan_of(message.DESCRIPTOR)
    singles = [field for field in fields if not field.is_repeated]
    repeated = [field for field in fields if field.is_repeated and not field.is_map]
    plan = _PLANS[type(message)] = _Plan(
        _IN_RANGE.get(message.DESCRIPTOR.full_name),
        tuple(field.name for field in singles if field.is_text),
        tuple(field.name for field in singles if not field.is_text),
        tuple(field.name for field in repeated if field.is_text),
        tuple(field.name for field in repeated if not field.is_text),
        tuple(field for field in fields if field.is_map),
    )
    return plan


def _require_valid(message: Message, at: str) -> None:
    if (check := _CHECKS.get(message.DESCRIPTOR.full_name)) is not None:
        check(message, at)
    for field in _plan_of(message.DESCRIPTOR):
        value: Any = (
            getattr(message, field.name)
            if field.is_text or field.is_map or field.is_repeated
            else None
        )
        path = f"{at}.{field.name}" if at else field.name
        if field.is_map:
            _require_valid_map(value, field, path)
        elif field.is_text and field.is_repeated:
            for index, item in enumerate(value):
                if (clean := _clean(item, f"{path}[{index}]")) is not item:
                    value[index] = clean
        elif field.is_text:
            if value and (clean := _clean(value, path)) is not value:
                setattr(message, field.name, clean)
        elif field.is_repeated:
            for index, item in enumerate(value):
                _require_valid(item, f"{path}[{index}]")
        elif message.HasField(field.name):
            _require_valid(getattr(message, field.name), path)


def _clean(value: str, path: str) -> str:
    return value if value.isascii() and value.isprintable() else text.normalize(value, path=path)


def _require_valid_map(values: Any, field: _Field, path: str) -> None:
    for key in list(values):
        here = f"{path}.{text.printable(key)[:40] if field.has_texts_as_keys else key}"
        if field.has_texts_as_keys and _clean(key, here) != key:
            raise text.InvalidText("a key is not in Unicode normal form C", path=here)
        if field.is_text:
            if (clean := _clean(values[key], here)) is not values[key]:
                values[key] = clean
        elif isinstance(values[key], Message):
            _require_valid(values[key], here)


@lru_cache(maxsize=1_000)
def _plan_of(descriptor: Descriptor) -> tuple[_Field, ...]:
    return tuple(_fields_of(descriptor))


def _fields_of(descriptor: Descriptor) -> Iterator[_Field]:
    for field in descriptor.fields:
        inner = field.message_type
        if inner is not None and inner.GetOptions().map_entry:
            key, value = inner.fields_by_name["key"], inner.fields_by_name["value"]
            yield _Field(
                field.name,
                value.type == FieldDescriptor.TYPE_STRING,
                True,
                True,
                key.type == FieldDescriptor.TYPE_STRING,
            )
        elif inner is not None or field.type == FieldDescriptor.TYPE_STRING:
            yield _Field(field.name, inner is None, False, field.is_repeated, False)


def _is_money_in_range(message: Any) -> bool:
    return bool(-MOST_MINOR <= message.amount_minor <= MOST_MINOR)


def _is_timestamp_in_range(message: Any) -> bool:
    return bool(
        _EARLIEST_SECONDS <= message.seconds < _LATEST_SECONDS
        and 0 <= message.nanos < 1_000_000_000
    )


def _require_valid_money(message: Any, at: str) -> None:
    require_bounded(message.amount_minor, path=at)


def _require_valid_timestamp(message: Any, at: str) -> None:
    if not _is_timestamp_in_range(message):
        raise InvalidTime("a time is between the years 1900 and 2200", path=at)


_PLANS: Final[dict[type, _Plan]] = {}
_IN_RANGE: Final[dict[str, Callable[[Any], bool]]] = {
    "sojourn.common.v1.Money": _is_money_in_range,
    "google.protobuf.Timestamp": _is_timestamp_in_range,
}
_CHECKS: Final[dict[str, Callable[[Any, str], None]]] = {
    "sojourn.common.v1.Money": _require_valid_money,
    "google.protobuf.Timestamp": _require_valid_timestamp,
}
