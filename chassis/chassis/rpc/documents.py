"""Messages as JSON documents of the API: the contract's field names, enums in lower case.

The names of enum values lose their prefix.
"""

from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message


def enum_name(descriptor: EnumDescriptor, number: int) -> str:
    """Returns the name of an enum's value, e.g.

    `placed` for ORDER_STATUS_PLACED; empty for 0 and for a number that has none.
    """
    value = descriptor.values_by_number.get(number)
    return (
        value.name.removeprefix(_prefix_of(descriptor)).lower()
        if value is not None and number
        else ""
    )


def enum_names(descriptor: EnumDescriptor) -> list[str]:
    """Returns the names of all values but the unspecified one, in the contract's order."""
    return [enum_name(descriptor, value.number) for value in descriptor.values if value.number]


def enum_number(descriptor: EnumDescriptor, name: str) -> int:
    """Returns the number of a name; 0 for the empty one.

    Raises KeyError for one that the enum does not have.
    """
    return descriptor.values_by_name[_prefix_of(descriptor) + name.upper()].number if name else 0


def document_of(message: Message) -> dict[str, Any]:
    """Returns a message as a document. Fields that are not set are left out."""
    document: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return (
        _renamed(message.DESCRIPTOR, document, _short)
        if _has_enums(message.DESCRIPTOR)
        else document
    )


def fill(
    message: Message, document: dict[str, Any], *, ignore_unknown_fields: bool = False
) -> None:
    """Sets the fields of a message that a document has.

    Raises ParseError, ValueError or TypeError for another form.
    """
    if _has_enums(message.DESCRIPTOR):
        document = _renamed(message.DESCRIPTOR, document, _long)
    ParseDict(document, message, ignore_unknown_fields=ignore_unknown_fields)


def _prefix_of(descriptor: EnumDescriptor) -> str:
    return descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")


def _short(descriptor: EnumDescriptor, name: str) -> str:
    return name.removeprefix(_prefix_of(descriptor)).lower()


def _long(descriptor: EnumDescriptor, name: str) -> str:
    # The contract's own spelling is no name of the API.
    return _prefix_of(descriptor) + (name.upper() if name.islower() else "?" + name)


def _renamed(descriptor: Any, value: Any, rename: Any) -> Any:
    """Returns a document with its enums renamed.

    What has not the form of the message is left for the parser to refuse.
    """
    if not isinstance(value, dict):
        return value
    fields = {field.name: field for field in _fields(descriptor)}
    return {
        name: _renamed_field(fields[name], inner, rename) if name in fields else inner
        for name, inner in value.items()
    }


def _renamed_field(field: FieldDescriptor, value: Any, rename: Any) -> Any:
    if isinstance(value, list) and field.is_repeated:
        return [_renamed_single(field, item, rename) for item in value]
    return _renamed_single(field, value, rename)


def _renamed_single(field: FieldDescriptor, value: Any, rename: Any) -> Any:
    if field.enum_type is not None:
        return rename(field.enum_type, value) if isinstance(value, str) else value
    return _renamed(field.message_type, value, rename) if field.message_type is not None else value


def _fields(descriptor: Any) -> list[Any]:
    """Returns the fields that are enums or hold some; maps hold none."""
    return [
        field
        for field in descriptor.fields
        if field.enum_type is not None
        or (
            field.message_type is not None
            and not field.message_type.GetOptions().map_entry
            and _has_enums(field.message_type)
        )
    ]


@lru_cache(maxsize=1_000)
def _has_enums(descriptor: Any) -> bool:
    return not descriptor.file.package.startswith("google.") and bool(_fields(descriptor))
