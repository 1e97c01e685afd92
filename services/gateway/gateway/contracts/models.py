"""Pydantic models of request bodies, made from the contracts and their constraints.

A field that the contract does not need may be left out; null is the same, but in a PATCH it clears
the field. Unknown fields are refused: a typo is an error, not a surprise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, cast

from buf.validate.validate_pb2 import FieldRules
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from chassis.rpc.constraints import rules_of
from gateway.contracts.comments import comment_of
from gateway.contracts.encoding import FREE, is_map
from gateway.contracts.fields import is_required, type_of
from gateway.contracts.rules import DEFAULTS, REQUIRED

_PLAIN: Final = {Timestamp.DESCRIPTOR.full_name, *FREE}
# The contracts' own suffixes of what is sent.
_SENT: Final = ("Request", "Input")


class ContractModel(BaseModel):
    """A message in the form of the API.

    `nested` has the models of message fields, and `contract` the contract's fields.
    """

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), str_max_length=100_000)
    # Set if the model checks its texts by itself, one part at a time.
    reads_texts: ClassVar[bool] = False
    nested: ClassVar[Mapping[str, type["ContractModel"]]] = MappingProxyType({})
    contract: ClassVar[Mapping[str, FieldDescriptor]] = MappingProxyType({})

    def arguments(self) -> dict[str, Any]:
        """Returns what the message's constructor takes. Fields that were left out are not in it."""
        given = {name: value for name, value in self.__dict__.items() if value is not None}
        for name in self.nested:
            if (value := given.get(name)) is not None:
                given[name] = _plain(value)
        return given

    def cleared(self) -> list[str]:
        """Returns the names of the fields that were given as null."""
        return sorted(name for name in self.model_fields_set if self.__dict__[name] is None)


@dataclass(frozen=True, slots=True)
class Selection:
    """Fields of a message that a body has.

    `without` are top-level fields that come from elsewhere; `optional` are full names of fields
    that need not be repeated.
    """

    without: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()


def name_of(descriptor: Descriptor) -> str:
    """Returns the name of a message's model, which no answer's schema has."""
    return descriptor.name if descriptor.name.endswith(_SENT) else f"{descriptor.name}Input"


@lru_cache(maxsize=1_000)
def model_of(descriptor: Descriptor, selection: Selection = Selection()) -> type[ContractModel]:
    """Returns the model of a message. Models of what stands in it are shared."""
    inner = Selection(optional=selection.optional)
    definitions: dict[str, Any] = {}
    nested: dict[str, type[ContractModel]] = {}
    for field in descriptor.fields:
        if field.name in selection.without:
            continue
        if (message := _model_in(field)) is not None:
            nested[field.name] = model_of(message, inner)
        definitions[field.name] = _definition(field, inner)
    model = create_model(
        name_of(descriptor),
        __base__=ContractModel,
        __doc__=comment_of(descriptor.full_name),
        **definitions,
    )
    model.nested = MappingProxyType(nested)
    fields = {field.name: field for field in descriptor.fields if field.name in definitions}
    model.contract = MappingProxyType(fields)
    return model


def _definition(field: FieldDescriptor, inner: Selection) -> tuple[Any, Any]:
    rules, full_name = rules_of(field), field.full_name
    annotation, described = _annotation(field, rules, inner), comment_of(full_name)
    if full_name in DEFAULTS:
        default = DEFAULTS[full_name]
        return annotation, Field(default=default, validate_default=True, description=described)
    if full_name in REQUIRED or (is_required(field, rules) and full_name not in inner.optional):
        return annotation, Field(description=described)
    return annotation | None, Field(default=None, description=described)


def _annotation(field: FieldDescriptor, rules: FieldRules, inner: Selection) -> Any:
    if is_map(field):
        entry = cast(Descriptor, field.message_type)
        key = type_of(entry.fields_by_name["key"], rules.map.keys, is_strict=True)
        value = _single(entry.fields_by_name["value"], rules.map.values, inner)
        bounds = _bounds(rules.map.min_pairs, rules.map.max_pairs)
        return Annotated[dict[key, value], Field(**bounds)]  # type: ignore[valid-type]
    if field.is_repeated:
        item = _single(field, rules.repeated.items, inner)
        bounds = _bounds(rules.repeated.min_items, rules.repeated.max_items)
        if rules.repeated.unique:
            return Annotated[list[item], Field(**bounds), AfterValidator(_unique)]  # type: ignore[valid-type]
        return Annotated[list[item], Field(**bounds)]  # type: ignore[valid-type]
    return _single(field, rules, inner)


def _single(field: FieldDescriptor, rules: FieldRules, inner: Selection) -> Any:
    if field.message_type is not None and field.message_type.full_name not in _PLAIN:
        return model_of(field.message_type, inner)
    return type_of(field, rules, is_strict=True)


def _bounds(least: int, most: int) -> dict[str, Any]:
    return {
        **({"min_length": least} if least else {}),
        **({"max_length": most} if most else {}),
    }


def _unique(values: list[Any]) -> list[Any]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("not_unique", "no item may stand twice")
    return values


def _model_in(field: FieldDescriptor) -> Descriptor | None:
    if is_map(field):
        field = cast(Descriptor, field.message_type).fields_by_name["value"]
    message = field.message_type
    return message if message is not None and message.full_name not in _PLAIN else None


def _plain(value: Any) -> Any:
    if isinstance(value, ContractModel):
        return value.arguments()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value]


def fields_at(model: type[ContractModel], place: Sequence[str | int]) -> list[str]:
    """Returns the names of the fields that a model takes at a place of its document."""
    for step in place:
        if isinstance(step, str) and step in model.nested:
            model = model.nested[step]
    return sorted(model.model_fields)
