"""JSON Schemas of the answers, made from the contracts with their comments."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import JsonValue

from chassis.rpc.constraints import rules_of
from chassis.rpc.documents import enum_names
from gateway.contracts.comments import comment_of
from gateway.contracts.encoding import FREE, is_map
from gateway.contracts.examples import example_of_message

JsonSchema = dict[str, Any]
_TYPES: Final[dict[int, dict[str, Any]]] = {
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_UINT32: {"type": "integer", "format": "int64"},
    FieldDescriptor.CPPTYPE_INT64: {"type": "integer", "format": "int64"},
    FieldDescriptor.CPPTYPE_UINT64: {"type": "integer", "format": "int64"},
    FieldDescriptor.CPPTYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.CPPTYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.CPPTYPE_STRING: {"type": "string"},
}
PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An error (RFC 9457). Match on `reason`, never on the text.",
    "required": ["type", "title", "status", "detail", "reason", "metadata", "trace_id"],
    "properties": {
        "type": {"type": "string", "description": "URN of the kind of problem."},
        "title": {"type": "string", "description": "What the status means."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "A sentence for developers."},
        "reason": {
            "type": "string",
            "description": "Stable name of the reason, e.g. OUT_OF_STOCK.",
        },
        "metadata": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Facts of the refusal.",
        },
        "trace_id": {"type": "string", "description": "Trace of the request, for support."},
        "errors": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/FieldError"},
            "description": "What is wrong, field by field.",
        },
    },
}
# Comment of a value 0 that no answer has.
_NEVER: Final = "Never sent"
FIELD_ERROR: Final[dict[str, Any]] = {
    "type": "object",
    "description": "What is wrong with one field of a request.",
    "required": ["pointer", "code", "message", "allowed"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "JSON pointer into the request as a document with the members path, "
            "query, header and body.",
            "examples": ["/body/lines/0/quantity"],
        },
        "code": {
            "type": "string",
            "description": "Stable name of what is wrong.",
            "examples": ["REQUIRED", "UNKNOWN_FIELD", "UNKNOWN_VALUE", "TOO_LONG"],
        },
        "message": {"type": "string", "description": "A sentence for developers."},
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "What may stand there instead, where that is a list.",
        },
    },
}
DEGRADED: Final[dict[str, Any]] = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Names of the parts that are missing because a service behind them is away; "
    "empty when all is well.",
}


class Schemas:
    """Collects the components of an OpenAPI document."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
        self._names: dict[str, str] = {}

    def ref(self, message: type[Message]) -> dict[str, Any]:
        """A reference to a message's schema."""
        return self._ref(message.DESCRIPTOR)

    def composed(self, answer: "Composed") -> JsonSchema:
        """A reference to the schema of an answer that is made of several replies."""
        base: JsonSchema = {"type": "object", "description": answer.text, "properties": {}}
        if answer.message is not None:
            self.ref(answer.message)
            base = self.components[self._names[answer.message.DESCRIPTOR.full_name]]
        parts = {name: part.schema(self) for name, part in answer.parts.items()}
        properties = {**base["properties"], **parts}
        if answer.may_degrade:
            properties["degraded"] = DEGRADED
        required = sorted(properties.keys() - answer.optional)
        self.components[answer.name] = {**base, "properties": properties, "required": required}
        return {"$ref": f"#/components/schemas/{answer.name}"}

    def _ref(self, descriptor: Any) -> dict[str, Any]:
        if descriptor.full_name not in self._names:
            # Two contracts may have a message of one name: the later one gets its service's in
            # front.
            name = descriptor.name
            if name in self.components:
                name = descriptor.full_name.split(".")[1].capitalize() + name
            self._names[descriptor.full_name] = name
            self.components[name] = {}
            properties = {field.name: self._property(field) for field in descriptor.fields}
            self.components[name] = {
                "type": "object",
                "description": comment_of(descriptor.full_name),
                "properties": properties,
                "required": sorted(properties),
            }
        return {"$ref": f"#/components/schemas/{self._names[descriptor.full_name]}"}

    def _property(self, field: FieldDescriptor) -> dict[str, Any]:
        return {**self._type(field), "description": comment_of(field.full_name)}

    def _type(self, field: FieldDescriptor) -> dict[str, Any]:
        if is_map(field):
            value = cast(Any, field.message_type).fields_by_name["value"]
            return {"type": "object", "additionalProperties": self._single(value)}
        if field.is_repeated:
            return {"type": "array", "items": self._single(field)}
        single = self._single(field)
        # A schema without rules, that of any JSON, lets null through by itself.
        is_nullable = field.has_presence and not rules_of(field).required and single
        return {"anyOf": [single, {"type": "null"}]} if is_nullable else single

    def _single(self, field: FieldDescriptor) -> dict[str, Any]:
        if field.enum_type is not None:
            package, zero = field.enum_type.file.package, field.enum_type.values_by_number[0]
            unspecified = [] if _is_never_sent(package, zero.name) or field.has_presence else [""]
            return {"type": "string", "enum": [*enum_names(field.enum_type), *unspecified]}
        if field.message_type is None:
            return _TYPES[field.cpp_type]
        if field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
            return {"type": "string", "format": "date-time"}
        if field.message_type.full_name in FREE:
            return dict(FREE[field.message_type.full_name])
        return self._ref(field.message_type)


def _is_never_sent(package: str, value: str) -> bool:
    return comment_of(f"{package}.{value}").startswith(_NEVER)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer: its schema, and an example of it."""

    schema: Callable[[Schemas], JsonSchema]
    example: JsonValue


@dataclass(frozen=True, kw_only=True)
class Composed:
    """Schema of a composed answer: a message's fields, further parts, and `degraded`.

    `degraded` names the missing parts. `optional` parts may be left out.
    """

    name: str
    message: type[Message] | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    may_degrade: bool = True
    text: str = ""

    def example(self) -> JsonValue:
        """Returns an example of the answer."""
        message = example_of_message(self.message) if self.message is not None else {}
        parts = {name: part.example for name, part in self.parts.items()}
        degraded: dict[str, JsonValue] = {"degraded": []} if self.may_degrade else {}
        return {**cast(dict[str, JsonValue], message), **parts, **degraded}


def list_of(message: type[Message], text: str) -> Part:
    """Returns a list of messages."""
    return Part(
        lambda schemas: {"type": "array", "items": schemas.ref(message), "description": text},
        [example_of_message(message)],
    )


def nullable(message: type[Message], text: str) -> Part:
    """Returns a message that may be null."""
    return Part(
        lambda schemas: {
            "anyOf": [schemas.ref(message), {"type": "null"}],
            "description": text,
        },
        example_of_message(message),
    )


def lists_by_name(message: type[Message], text: str) -> Part:
    """Returns an object of lists of messages."""
    return Part(
        lambda schemas: {
            "type": "object",
            "additionalProperties": {"type": "array", "items": schemas.ref(message)},
            "description": text,
        },
        {"cart": [example_of_message(message)]},
    )
