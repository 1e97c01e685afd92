"""Types of single values in requests, from the constraints of their fields."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from buf.validate.validate_pb2 import FieldRules
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError

from chassis.rpc.borders import require_valid_time
from chassis.rpc.errors import DomainError
from chassis.text import require_plain_name
from gateway.contracts.encoding import FREE
from gateway.contracts.enums import EnumName
from gateway.contracts.rules import MOST_MINOR, ORGANIZATIONS, PLAIN_NAMES, format_of

V = TypeVar("V")
_LARGEST_DOUBLE: Final = sys.float_info.max
UUID_PATTERN: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
# The contracts' way to say that a text is one line.
ONE_LINE_PATTERN: Final = "^[^\t\n\r\u2028\u2029]*$"
_BOUNDS: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1, "int32"),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1, "int64"),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1, "int64"),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1, "int64"),
}


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """Annotates a value with its `format` in JSON Schema."""

    name: str

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "format": self.name}


def checked(check: Callable[[V], V]) -> AfterValidator:
    """Returns a validator that refuses with the field's error and the broken rule's reason."""

    def validate(value: V) -> V:
        try:
            return check(value)
        except DomainError as error:
            said = {"message": error.message}
            raise PydanticCustomError(error.reason.lower(), "{message}", said) from error

    return AfterValidator(validate)


def _require_text(value: object) -> object:
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("datetime_type", "a time is a text in the form of RFC 3339")
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_require_text), checked(require_valid_time)]
_Name = checked(lambda text: require_plain_name(text, path=""))
_Organization = checked(lambda text: require_plain_name(text, path="", may_be_domain=True))


def type_of(field: FieldDescriptor, rules: FieldRules, *, is_strict: bool) -> Any:
    """Returns the type of a scalar value: of a field, or of an item.

    `is_strict` refuses texts as numbers, which a query cannot do without.
    """
    if field.enum_type is not None:
        return Annotated[int, EnumName(field.enum_type, frozenset(rules.enum.not_in))]
    if field.message_type is not None:
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            return Time
        return FREE_TYPES[field.message_type.full_name]
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text_type(field, rules)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return Annotated[bool, Field(strict=is_strict)]
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return Annotated[float, Field(allow_inf_nan=False)]
    return _integer_type(field, rules, is_strict=is_strict)


def is_required(field: FieldDescriptor, rules: FieldRules) -> bool:
    """Returns whether a value of 0, or none, breaks the field's rules."""
    if rules.required:
        return True
    if rules.ignore or field.has_presence:
        return False
    match rules.WhichOneof("type"):
        case "string":
            return bool(rules.string.min_len or rules.string.uuid)
        case "int32" | "int64":
            numbers = rules.int32 if rules.WhichOneof("type") == "int32" else rules.int64
            return numbers.gte > 0
        case "enum":
            return 0 in rules.enum.not_in
        case "repeated":
            return rules.repeated.min_items > 0
        case "map":
            return rules.map.min_pairs > 0
    return False


def _text_type(field: FieldDescriptor, rules: FieldRules) -> Any:
    own, form = rules.string, format_of(field.name)
    if own.uuid:
        return Annotated[str, StringConstraints(pattern=UUID_PATTERN), JsonFormat("uuid")]
    if allowed := tuple(getattr(own, "in")):
        return Literal[allowed]
    lengths = [each for each in (own.max_len or None, form.max_length) if each is not None]
    constraints = StringConstraints(
        strip_whitespace=form.strips or own.pattern == ONE_LINE_PATTERN,
        min_length=own.min_len or form.min_length or None,
        max_length=min(lengths, default=None),
        pattern=form.pattern or own.pattern or None,
    )
    if field.name in PLAIN_NAMES:
        return Annotated[str, constraints, _Name]
    if field.name in ORGANIZATIONS:
        return Annotated[str, constraints, _Organization]
    if form.name:
        return Annotated[str, constraints, JsonFormat(form.name)]
    return Annotated[str, constraints]


def _integer_type(field: FieldDescriptor, rules: FieldRules, *, is_strict: bool) -> Any:
    least, most, form = _BOUNDS[field.cpp_type]
    if field.name == "amount_minor":
        least, most = -MOST_MINOR, MOST_MINOR
    kind = rules.WhichOneof("type")
    own = rules.int32 if kind == "int32" else rules.int64 if kind == "int64" else None
    if own is not None:
        least = own.gte if own.HasField("gte") else least
        most = own.lte if own.HasField("lte") else most
    return Annotated[int, Field(strict=is_strict, ge=least, le=most), JsonFormat(form)]


def _require_finite(value: Any) -> Any:
    """Refuses numbers that no double can hold, such as 1e400, in a document of any form."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, int | float) and not abs(one) <= _LARGEST_DOUBLE:
            raise PydanticCustomError("finite_number", "a number is too large")
    return value


FREE_TYPES: Final[dict[str, Any]] = {
    "google.protobuf.Struct": Annotated[dict[str, Any], AfterValidator(_require_finite)],
    "google.protobuf.ListValue": Annotated[list[Any], AfterValidator(_require_finite)],
    "google.protobuf.Value": Annotated[Any, AfterValidator(_require_finite)],
}
assert FREE_TYPES.keys() == FREE.keys()
