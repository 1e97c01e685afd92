"""Kinds of settings: each says how its records are named, read and stored."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from catalog.stock.changed_levels import CatalogContext
from chassis.data.rows import Row
from chassis.data.tx import Read, Tx

# Values by which records are in order: they do not depend on ids.
Position = tuple[str, ...]


class Placed(NamedTuple):
    """A record at its position in an export; None where a row is no record."""

    position: Position
    record: Message | None


Export = Callable[[Read, CatalogContext, Position | None, int], Awaitable[Sequence[Placed]]]
# What is stored under the name of a record; None where nothing is. Equal before and after: the
# record changed nothing.
State = Callable[[Read, CatalogContext, Any], Awaitable[object]]
Store = Callable[[Tx, CatalogContext, Any, UUID | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class SettingKind:
    """A kind of records. `root` is what refusals of the API have before the field of a record.

    `position_length` is how many values a position has.
    """

    message: type[Message]
    identity: Callable[[Any], Position]
    export: Export
    state: State
    store: Store
    root: str = ""
    position_length: int = 1
    # Records of a transaction that stores them, and of a page of an export.
    most_stored: int = 50
    most_read: int = 200
    # Whether an export is one page: there are few.
    is_whole: bool = False


def first_of(after: Position | None) -> str:
    """Returns the only value of a position; empty for None."""
    return after[0] if after else ""


def of_code(record: Any) -> Position:
    """Returns the identity of a record that its code names."""
    return "code", record.code


def row_of(table: type[Row], *key: str) -> State:
    """Returns the state of a kind whose rows have fields of the record as their key."""

    async def state(read: Read, context: CatalogContext, record: Any) -> object:
        return await read.get(table, *(getattr(record, name) for name in key))

    return state


def copy_fields(source: Message, target: Message) -> None:
    """Sets the fields of a message that another one has under the same name."""
    names = {field.name for field in target.DESCRIPTOR.fields}
    for field, value in source.ListFields():
        # An empty object of the merchant's own says nothing.
        if field.name not in names or (isinstance(value, Struct) and not value.fields):
            continue
        if field.is_repeated:
            getattr(target, field.name).MergeFrom(value)
        elif field.message_type is not None:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)
