"""Enums of the contracts in requests: their lower-case names, which the document lists."""

from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast

from google.protobuf.descriptor import EnumDescriptor
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from chassis.rpc.documents import enum_names, enum_number

V = TypeVar("V", bound=int)
V_co = TypeVar("V_co", bound=int, covariant=True)


class Contract(Protocol[V_co]):
    """An enum as protoc generates it."""

    @property
    def DESCRIPTOR(self) -> EnumDescriptor: ...

    def Value(self, name: str) -> V_co: ...


@dataclass(frozen=True)
class NameOf:
    """Annotates a text that is a name of an enum; with `or_empty`, or the empty text.

    `without` are names that make no sense here.
    """

    contract: Contract[int]
    or_empty: bool = False
    without: frozenset[str] = frozenset()

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        names = [name for name in enum_names(self.contract.DESCRIPTOR) if name not in self.without]
        return core_schema.literal_schema(["", *names] if self.or_empty else names)


def value_of(contract: Contract[V], name: str) -> V:
    """Returns the value of a name that `NameOf` accepted; the unspecified one of the empty text."""
    return cast(V, enum_number(contract.DESCRIPTOR, name))
