"""Rows as dataclasses, and the statements of whole rows."""

import enum
import json
import math
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, LiteralString, Self, cast

from psycopg import sql
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads
from pydantic_core import to_json

_MOST_DIGITS: Final = 4_000


def _from_json(text: str | bytes) -> Any:
    """A JSON document. A number of thousands of digits, which Python does not read, is infinite: so it spoils its own row only."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else math.inf)


set_json_dumps(to_json)
set_json_loads(_from_json)


@dataclass(kw_only=True)
class Row:
    """A table's row. Subclass as `@dataclass(kw_only=True) class Order(Row, table="orders")`.

    Fields are columns. A `StrEnum` is TEXT, a `dict` or `list` is JSONB (a `list[UUID]` or `list[str]` too). The key is `id`, unless
    `key=(...)` says otherwise. A field `version` is bumped and checked by `Tx.update`.
    """

    table: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]] = ("id",)
    _columns: ClassVar[tuple[str, ...]] = ()
    _enums: ClassVar[dict[str, type[enum.StrEnum]]] = {}
    _jsons: ClassVar[frozenset[str]] = frozenset()
    _update_by_position: ClassVar[tuple[str, list[str]] | None] = None

    def __init_subclass__(cls, *, table: str = "", key: tuple[str, ...] = ("id",)) -> None:
        super().__init_subclass__()
        cls.table, cls.key = table, key

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Names of the columns, in the order of the fields."""
        if "_columns" not in cls.__dict__:
            hints = {name: _bare(hint) for name, hint in typing.get_type_hints(cls).items()}
            cls._columns = tuple(field.name for field in fields(cls))
            cls._enums = {
                name: hints[name] for name in cls._columns if isinstance(hints[name], type) and issubclass(hints[name], enum.StrEnum)
            }
            cls._jsons = frozenset(name for name in cls._columns if (typing.get_origin(hints[name]) or hints[name]) in (dict, list))
        return cls._columns

    @classmethod
    def load(cls, record: Mapping[str, Any]) -> Self:
        """The row of a record whose columns are this table's."""
        values = {name: record[name] for name in cls.columns()}
        for name, kind in cls._enums.items():
            if values[name] is not None:
                values[name] = kind(values[name])
        return cls(**values)

    def dump(self) -> dict[str, Any]:
        """Values by column, as psycopg takes them."""
        values = {name: getattr(self, name) for name in self.columns()}
        for name in self._jsons:
            if values[name] is not None:
                values[name] = Jsonb(values[name])
        return values


def _bare(hint: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def statement(cls: type[Row], verb: str) -> bytes:
    cached = cls.__dict__.get(f"_{verb}_sql")
    if cached is None:
        cached = _compose(cls, verb).as_bytes(None)
        setattr(cls, f"_{verb}_sql", cached)
    return cast(bytes, cached)


def _compose(cls: type[Row], verb: str) -> sql.Composed:
    table, columns = sql.Identifier(cls.table), cls.columns()
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    if verb == "select":
        return sql.SQL("SELECT {} FROM {} ").format(names, table)
    if verb == "insert":
        return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    where = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(k), sql.Placeholder(k)) for k in cls.key)
    if verb == "delete":
        return sql.SQL("DELETE FROM {} WHERE {}").format(table, where)
    sets = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder(c)) for c in columns if c not in cls.key)
    if "version" in columns:
        where = sql.SQL("{} AND version = %(version)s - 1").format(where)
    return sql.SQL("UPDATE {} SET {} WHERE {}").format(table, sets, where)


def bump(row: Row) -> None:
    if "version" in row.columns():
        row.version += 1  # type: ignore[attr-defined]  # a subclass's field


def update_by_position(cls: type[Row]) -> tuple[LiteralString, list[str]]:
    """An UPDATE of a row by its key alone, with unnamed parameters, and the columns that they are."""
    cached = cls.__dict__.get("_update_by_position")
    if cached is None:
        changed = [name for name in cls.columns() if name not in cls.key]
        sets, keys = (
            sql.SQL(text).join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in names)
            for text, names in ((", ", changed), (" AND ", cls.key))
        )
        query = sql.SQL("UPDATE {} SET {} WHERE {}").format(sql.Identifier(cls.table), sets, keys).as_string(None)
        cached = (query, [*changed, *cls.key])
        cls._update_by_position = cached
    return cast(tuple[LiteralString, list[str]], cached)
