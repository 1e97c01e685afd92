"""Models of query strings, made from the contracts' request messages.

Each field is a parameter of its own name. What many requests share is laid flat: a page is
`page_size` and `page_token`, a span of time `since` and `until`, a view `locale` and `currency`,
and chosen facet values are `filter=facet:value`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final, get_origin

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from chassis.rpc.constraints import rules_of
from gateway.contracts.comments import comment_of
from gateway.contracts.encoding import is_map
from gateway.contracts.fields import Time, is_required, type_of
from gateway.contracts.rules import DEFAULTS, REQUIRED
from sojourn.catalog.v1 import catalog_pb2
from sojourn.common.v1 import page_pb2, time_range_pb2

MOST_FILTERS: Final = 30
_FILTER: Final = StringConstraints(max_length=200, pattern=r"^[^:]{1,60}:.+$")
_PAGE: Final = page_pb2.Page.DESCRIPTOR
_TIME_RANGE: Final = time_range_pb2.TimeRange.DESCRIPTOR
_VIEW: Final = catalog_pb2.View.DESCRIPTOR
_FACET_FILTER: Final = catalog_pb2.FacetFilter.DESCRIPTOR


@dataclass(frozen=True, slots=True)
class Parameters:
    """Choices about the parameters of an operation, where they are not those of its contract.

    `without` are fields that no client sets here. `renamed` has parameters by field, and `defaults`
    values by parameter. `also` has the types of parameters that are the gateway's own. The order of
    the values of `ordered` parameters counts.
    """

    without: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    also: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    ordered: frozenset[str] = frozenset()


class QueryModel(BaseModel):
    """The parameters of an operation. `targets` are the fields of the message that they set."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())
    targets: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
    lists: ClassVar[frozenset[str]] = frozenset()

    def chosen(self, name: str) -> str:
        """Returns the value of a parameter that is the gateway's own; empty if there is none."""
        return self.__dict__[name] or ""

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of the message's constructor, without absent parameters."""
        found: dict[str, Any] = {}
        for name, target in self.targets.items():
            if (value := self.__dict__[name]) is None:
                continue
            place = found
            for step in target[:-1]:
                place = place.setdefault(step, {})
            place[target[-1]] = facet_filters(value) if name == "filter" else value
        return found


def facet_filters(texts: Sequence[str]) -> list[catalog_pb2.FacetFilter]:
    """Returns the chosen values, gathered by facet."""
    by_name: dict[str, list[str]] = {}
    for name, _, value in (text.partition(":") for text in texts):
        by_name.setdefault(name, []).append(value)
    return [catalog_pb2.FacetFilter(name=name, values=values) for name, values in by_name.items()]


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    target: tuple[str, ...]
    annotation: Any
    description: str
    default: object = None
    is_list: bool = False
    is_required: bool = False


def query_model(descriptor: Descriptor, choices: Parameters) -> type[QueryModel]:
    """Returns the model of the query string of an operation with this request message."""
    found = [each for every in descriptor.fields for each in _parameters(every, choices)]
    definitions: dict[str, Any] = {each.name: _definition(each, choices) for each in found}
    definitions |= {name: (annotation | None, None) for name, annotation in choices.also.items()}
    if not definitions:
        return QueryModel
    model = create_model(f"{descriptor.name}Query", __base__=QueryModel, **definitions)
    model.targets = MappingProxyType({each.name: each.target for each in found})
    listed = {name for name, annotation in choices.also.items() if get_origin(annotation) is list}
    model.lists = frozenset({*listed, *(each.name for each in found if each.is_list)})
    return model


def _definition(parameter: _Parameter, choices: Parameters) -> tuple[Any, Any]:
    default = choices.defaults.get(parameter.name, parameter.default)
    described = parameter.description
    if parameter.is_required and default is None:
        return parameter.annotation, Field(description=described)
    annotation = parameter.annotation if default is not None else parameter.annotation | None
    return annotation, Field(default=default, validate_default=True, description=described)


def _parameters(field: FieldDescriptor, choices: Parameters) -> Iterator[_Parameter]:
    name, message = field.name, field.message_type
    if name in choices.without or is_map(field):
        return
    if message is _PAGE:
        size = Annotated[int, Field(ge=1, le=100)]
        yield _Parameter("page_size", (name, "size"), size, "how many items, at most")
        token = Annotated[str, StringConstraints(max_length=500)]
        said = "`next_page_token` of the page before"
        yield _Parameter("page_token", (name, "token"), token, said)
    elif message is _TIME_RANGE:
        yield _Parameter("since", (name, "since"), Time, "not before this time")
        yield _Parameter("until", (name, "until"), Time, "before this time")
    elif message is _VIEW:
        said = "BCP 47 tag; else Accept-Language, else the channel's first locale"
        yield _of_field(_VIEW.fields_by_name["locale"], (name, "locale"), "locale", said)
        said = "ISO 4217 code; else the channel's first"
        yield _of_field(_VIEW.fields_by_name["currency"], (name, "currency"), "currency", said)
    elif message is _FACET_FILTER:
        texts = Annotated[list[Annotated[str, _FILTER]], Field(max_length=MOST_FILTERS)]
        said = "`facet:value`, repeatable, e.g. `brand:Northwind`"
        yield _Parameter("filter", (name,), texts, said, is_list=True)
    else:
        called = choices.renamed.get(name, name)
        yield _of_field(field, (name,), called, comment_of(field.full_name))


def _of_field(
    field: FieldDescriptor, target: tuple[str, ...], name: str, described: str
) -> _Parameter:
    rules = rules_of(field)
    item = type_of(field, rules.repeated.items if field.is_repeated else rules, is_strict=False)
    if field.is_repeated:
        bound = Field(max_length=rules.repeated.max_items or 100)
        listed = Annotated[list[item], bound]  # type: ignore[valid-type]
        return _Parameter(name, target, listed, described, is_list=True)
    default = DEFAULTS.get(field.full_name)
    is_needed = field.full_name in REQUIRED or is_required(field, rules)
    return _Parameter(name, target, item, described, default, is_required=is_needed)
