"""Validates requests by the contracts' constraints in the vocabulary of buf.validate.

Constraints are compiled once per message type, on its first use. A field without one costs nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from buf.validate.validate_pb2 import IGNORE_ALWAYS, IGNORE_IF_ZERO_VALUE, FieldRules
from buf.validate.validate_pb2 import field as _extension
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from chassis.rpc.documents import enum_name
from chassis.rpc.errors import Invalid
from chassis.rpc.ids import InvalidId

_UUID: Final = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)
# Checks a value that stands at a path.
_ValueCheck = Callable[[Any, str], None]
# Checks one field of a message that stands at a path.
_FieldCheck = Callable[[Any, str], None]


class InvalidField(Invalid):
    """A field breaks a rule of its contract:

    `path` names the field, `rule` the rule in the words of buf.validate, `allowed` its bound.
    """


def require_constraints(message: Message, path: str = "") -> None:
    """Raises InvalidField for the first field that breaks a rule, or InvalidId for a bad UUID."""
    checks = _CHECKS.get(type(message))
    if checks is None:
        checks = _compile(type(message))
    for check in checks:
        check(message, path)


def rules_of(field: FieldDescriptor) -> FieldRules:
    """Returns the constraints of a field; empty ones where it has none."""
    rules: FieldRules = field.GetOptions().Extensions[_extension]
    return rules


def _compile(kind: type[Message]) -> tuple[_FieldCheck, ...]:
    fields: Iterable[Any] = kind.DESCRIPTOR.fields
    checks = _CHECKS[kind] = tuple(check for field in fields for check in _field_checks(field))
    return checks


def _field_checks(field: FieldDescriptor) -> Iterator[_FieldCheck]:
    rules = rules_of(field)
    if rules.ignore == IGNORE_ALWAYS:
        return
    if rules.required:
        yield _required(field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        checks = [*_map_checks(field, rules)]
    elif field.is_repeated:
        checks = [*_list_checks(field, rules)]
    else:
        checks = [*_value_checks(field, rules)]
    if not checks:
        return
    skips_absent, skips_zero = field.has_presence, rules.ignore == IGNORE_IF_ZERO_VALUE
    name = field.name

    def check(message: Any, at: str) -> None:
        if skips_absent and not message.HasField(name):
            return
        value = getattr(message, name)
        if skips_zero and not value:
            return
        path = f"{at}.{name}" if at else name
        for each in checks:
            each(value, path)

    yield check


def _required(field: FieldDescriptor) -> _FieldCheck:
    name, has_presence = field.name, field.has_presence

    def check(message: Any, at: str) -> None:
        if not (message.HasField(name) if has_presence else getattr(message, name)):
            path = f"{at}.{name}" if at else name
            raise InvalidField(f"{path} is required", path=path, rule="required")

    return check


def _rule(name: str, allowed: object, holds: Callable[[Any], object], said: str) -> _ValueCheck:
    def check(value: Any, path: str) -> None:
        if not holds(value):
            raise InvalidField(f"{path} {said}", path=path, rule=name, allowed=allowed)

    return check


def _item_checks(field: FieldDescriptor, rules: FieldRules) -> list[_ValueCheck]:
    """Returns the checks of an item of a list, or of a key or a value of a map."""
    checks = [*_value_checks(field, rules)]
    if rules.required:
        checks.insert(0, _rule("required", "", bool, "is required"))
    if rules.ignore != IGNORE_IF_ZERO_VALUE or not checks:
        return checks

    def check(value: Any, path: str) -> None:
        if value:
            for each in checks:
                each(value, path)

    return [check]


def _value_checks(field: FieldDescriptor, rules: FieldRules) -> Iterator[_ValueCheck]:
    """Yields the checks of a single value: of a field, or of an item, a key or a value of one."""
    match rules.WhichOneof("type"):
        case "int32":
            yield from _range_checks("int32", rules.int32)
        case "int64":
            yield from _range_checks("int64", rules.int64)
        case "string":
            yield from _text_checks(rules.string)
        case "bytes":
            yield from _length_checks("bytes", rules.bytes, "bytes")
        case "enum":
            yield from _enum_checks(field, rules.enum)
    if field.message_type is not None and _has_rules(field.message_type, set()):
        yield require_constraints


def _range_checks(kind: str, rules: Any) -> Iterator[_ValueCheck]:
    if rules.HasField("gte"):
        least = rules.gte
        yield _rule(f"{kind}.gte", least, lambda value: value >= least, f"is at least {least}")
    if rules.HasField("lte"):
        most = rules.lte
        yield _rule(f"{kind}.lte", most, lambda value: value <= most, f"is at most {most}")


def _length_checks(kind: str, rules: Any, unit: str) -> Iterator[_ValueCheck]:
    if rules.HasField("max_len"):
        most = rules.max_len
        yield _rule(
            f"{kind}.max_len", most, lambda value: len(value) <= most, f"has at most {most} {unit}"
        )


def _text_checks(rules: Any) -> Iterator[_ValueCheck]:
    if rules.uuid:
        yield _require_uuid
    if rules.HasField("min_len"):
        least = rules.min_len
        yield _rule(
            "string.min_len",
            least,
            lambda value: len(value) >= least,
            f"has at least {least} characters",
        )
    yield from _length_checks("string", rules, "characters")
    if rules.HasField("pattern"):
        # In RE2 `$` is the end of the text; in Python it is also before a line feed that ends it.
        found = re.compile(re.sub(r"\$$", r"\\Z", rules.pattern)).search
        yield _rule("string.pattern", rules.pattern, found, f"is of the form {rules.pattern}")
    if allowed := frozenset(getattr(rules, "in")):
        yield _rule(
            "string.in",
            ", ".join(sorted(allowed)),
            allowed.__contains__,
            f"is one of {', '.join(sorted(allowed))}",
        )


def _require_uuid(value: str, path: str) -> None:
    if _UUID.fullmatch(value) is None:
        raise InvalidId(f"{path} is not a UUID", field=path, path=path, rule="string.uuid")


def _enum_checks(field: FieldDescriptor, rules: Any) -> Iterator[_ValueCheck]:
    numbers = (
        frozenset(value.number for value in field.enum_type.values)
        if field.enum_type
        else frozenset()
    )
    if allowed := frozenset(getattr(rules, "in")):
        numbers &= allowed
    numbers -= frozenset(rules.not_in)
    names = ", ".join(
        enum_name(field.enum_type, number)
        for number in sorted(numbers)
        if number and field.enum_type
    )
    yield _rule("enum.defined_only", names, numbers.__contains__, f"is one of {names}")


def _list_checks(field: FieldDescriptor, rules: FieldRules) -> Iterator[_ValueCheck]:
    listed = rules.repeated
    if listed.HasField("min_items"):
        least = listed.min_items
        yield _rule(
            "repeated.min_items",
            least,
            lambda value: len(value) >= least,
            f"has at least {least} items",
        )
    if listed.HasField("max_items"):
        most = listed.max_items
        yield _rule(
            "repeated.max_items",
            most,
            lambda value: len(value) <= most,
            f"has at most {most} items",
        )
    if listed.unique:
        yield _rule(
            "repeated.unique", "", lambda value: len(set(value)) == len(value), "has no item twice"
        )
    if listed.items.ignore == IGNORE_ALWAYS:
        return
    if checks := _item_checks(field, listed.items):

        def check(value: Any, path: str) -> None:
            for index, item in enumerate(value):
                for each in checks:
                    each(item, f"{path}[{index}]")

        yield check


def _map_checks(field: FieldDescriptor, rules: FieldRules) -> Iterator[_ValueCheck]:
    entry, of_map = field.message_type, rules.map
    assert entry is not None
    if of_map.HasField("min_pairs"):
        least = of_map.min_pairs
        yield _rule(
            "map.min_pairs",
            least,
            lambda value: len(value) >= least,
            f"has at least {least} entries",
        )
    if of_map.HasField("max_pairs"):
        most = of_map.max_pairs
        yield _rule(
            "map.max_pairs", most, lambda value: len(value) <= most, f"has at most {most} entries"
        )
    of_keys = _item_checks(entry.fields_by_name["key"], of_map.keys)
    of_values = _item_checks(entry.fields_by_name["value"], of_map.values)
    if of_keys or of_values:

        def check(value: Any, path: str) -> None:
            for key in value:
                here = f"{path}.{str(key)[:40]}"
                for each in of_keys:
                    each(key, here)
                for each in of_values:
                    each(value[key], here)

        yield check


def _has_rules(descriptor: Descriptor, seen: set[str]) -> bool:
    """Returns whether a message, or one in it, has a constraint."""
    if descriptor.full_name in seen or descriptor.file.package.startswith("google."):
        return False
    seen.add(descriptor.full_name)
    return any(
        field.GetOptions().HasExtension(_extension)
        or (field.message_type is not None and _has_rules(field.message_type, seen))
        for field in descriptor.fields
    )


_CHECKS: Final[dict[type[Message], tuple[_FieldCheck, ...]]] = {}
