"""Statements:

SQLAlchemy Core builds and compiles them, psycopg executes them with server-side parameters ($1, $2,
…).

A statement that never varies is compiled once at import: `_OF_OWNER =
prepare(select(Order).where(Order.owner_id == bindparam("owner_id")))`. Any other is compiled once
per shape, by SQLAlchemy's cache keys.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Generic, LiteralString, TypeVar, cast
from weakref import WeakKeyDictionary

from cachetools import LRUCache
from psycopg.types.json import Jsonb
from pydantic_core import to_json
from sqlalchemy import ColumnElement, any_, bindparam, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import col

from chassis.data.rows import Row, columns_of, key_of, table_of, written_columns_of

T = TypeVar("T")
Params = Sequence[Any] | Mapping[str, Any] | None
_DIALECT: Final = cast(Any, PGDialect)(paramstyle="format")
_MOST_SHAPES: Final = 1_000
_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s|%s|%%")
_NUMBERED: Final = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Prepared(Generic[T]):
    """A compiled statement.

    `names` are its parameters by position; `values` those that it was built with.
    """

    query: bytes
    names: tuple[str, ...]
    converters: Mapping[str, Callable[[Any], Any]]
    values: Mapping[str, Any]
    load: Callable[[Sequence[Any]], T]

    def bind(self, values: Mapping[str, Any]) -> list[Any]:
        """Returns the parameters by position. Raises KeyError where one is missing."""
        if converters := self.converters:
            return [
                converters[name](values[name]) if name in converters else values[name]
                for name in self.names
            ]
        return [values[name] for name in self.names]


def prepare(statement: Executable) -> Prepared[Any]:
    """Compiles a statement that never varies. What varies in it is `bindparam("name")`."""
    return _prepared(statement, cast(Any, statement).compile(dialect=_DIALECT))


def compiled(statement: Executable) -> tuple[Prepared[Any], Mapping[str, Any]]:
    """Returns a statement as compiled once for its shape, and its own values."""
    # SQLAlchemy's own execution looks its compiled statements up so; it has no public name for
    # that.
    compiler, bound, *_ = cast(Any, statement)._compile_w_cache(
        _DIALECT, compiled_cache=_compilers, column_keys=[]
    )
    shape = _shapes.get(compiler)
    if shape is None:
        shape = _shapes[compiler] = _prepared(statement, compiler)
    return shape, compiler.construct_params(extracted_parameters=bound)


_compilers: Final[LRUCache[Any, SQLCompiler]] = LRUCache(_MOST_SHAPES)
_shapes: Final[WeakKeyDictionary[SQLCompiler, Prepared[Any]]] = WeakKeyDictionary()


def _prepared(statement: Any, compiler: SQLCompiler) -> Prepared[Any]:
    names = tuple(compiler.positiontup or ())
    converters = {
        name: convert
        for name in names
        if (convert := getattr(compiler.binds[name].type, "to_database", None)) is not None
    }
    if unsaid := [str(each.name) for each in getattr(compiler, "insert_prefetch", ())]:
        # SQLAlchemy would ask a Session for their defaults; here they would be NULL.
        raise ValueError(
            f"an INSERT gives a value to each column that has a default: {', '.join(unsaid)}"
        )
    own = {
        name: value for name, value in compiler.params.items() if not compiler.binds[name].required
    }
    return Prepared(numbered(str(compiler))[0], names, converters, own, _loader_of(statement))


def _loader_of(statement: Any) -> Callable[[Sequence[Any]], Any]:
    """Returns a function from a record to a row, value or tuple, by the statement's columns."""
    described: Any = getattr(statement, "column_descriptions", None) or getattr(
        statement, "returning_column_descriptions", ()
    )
    parts: list[tuple[int, Callable[[Any], Any] | None]] = []
    for each in described:
        entity = each.get("entity")
        is_row = entity is not None and each["expr"] is entity
        parts.append(
            (len(columns_of(entity)), entity.load)
            if is_row
            else (0, getattr(each["type"], "from_database", None))
        )
    if len(parts) == 1:
        width, load = parts[0]
        return load if width and load else _scalar(load)
    return _tuple_loader(parts)


def _tuple_loader(
    parts: Sequence[tuple[int, Callable[[Any], Any] | None]],
) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if not any(load for _, load in parts):
        return tuple

    def load_all(record: Sequence[Any]) -> tuple[Any, ...]:
        found: list[Any] = []
        at = 0
        for width, load in parts:
            if width and load:
                found.append(load(record[at : at + width]))
            else:
                found.append(record[at] if load is None or record[at] is None else load(record[at]))
            at += width or 1
        return tuple(found)

    return load_all


def _scalar(convert: Callable[[Any], Any] | None) -> Callable[[Sequence[Any]], Any]:
    if convert is None:
        return lambda record: record[0]
    return lambda record: None if record[0] is None else convert(record[0])


@lru_cache(maxsize=4_096)
def numbered(query: str) -> tuple[bytes, tuple[str, ...] | None]:
    """Translates placeholders `%s` or `%(name)s` of a query to `$1`.

    Returns the query and the names by position, or None for the names of a query without names.

    `%%` is a percent sign.
    """
    names: list[str] = []
    count = 0

    def number(match: re.Match[str]) -> str:
        nonlocal count
        if match[0] == "%%":
            return "%"
        if match[1]:
            if match[1] not in names:
                names.append(match[1])
            return f"${names.index(match[1]) + 1}"
        count += 1
        return f"${count}"

    text = _PLACEHOLDER.sub(number, query)
    if names and count:
        raise ValueError("a query has named parameters or unnamed ones, not both")
    return text.encode(), tuple(names) or None


def positioned(query: str, params: Params) -> tuple[bytes, Sequence[Any] | None]:
    """Returns literal SQL and its parameters as the server takes them.

    Without parameters a percent sign means nothing.
    """
    if params is None:
        return query.encode(), None
    text, names = numbered(query)
    if names is None:
        return text, params if isinstance(params, Sequence) else ()
    named = cast(Mapping[str, Any], params)
    return text, [named[name] for name in names]


@lru_cache(maxsize=256)
def together(queries: tuple[bytes, ...]) -> bytes:
    """One statement that does what several do.

    They run on one snapshot: none sees what another did.

    Each numbers its own parameters from $1; those of the whole are in their order.
    """
    parts: list[str] = []
    shift = 0
    for query in queries:
        text = query.decode()
        parts.append(_shifted(text, shift))
        shift += max((int(number) for number in _NUMBERED.findall(text)), default=0)
    *first, last = parts
    if not first:
        return last.encode()
    return (
        "WITH "
        + ", ".join(f"w{number} AS ({query})" for number, query in enumerate(first))
        + " "
        + last
    ).encode()


def _shifted(query: str, by: int) -> str:
    return _NUMBERED.sub(lambda match: f"${int(match[1]) + by}", query)


@dataclass(frozen=True, slots=True)
class RowStatement:
    """A statement of a whole row of a table: which columns its parameters are, in their order."""

    query: bytes
    names: tuple[str, ...]
    documents: frozenset[str]

    def bind(self, row: Row) -> list[Any]:
        """Returns the parameters of a row, as psycopg takes them."""
        state, documents = row.__dict__, self.documents
        return [
            Jsonb(state[name]) if name in documents and state[name] is not None else state[name]
            for name in self.names
        ]

    def bind_many(self, rows: Sequence[Row]) -> list[list[Any]]:
        """Returns the parameters of many rows: one array a column, documents as JSON text."""
        states = [row.__dict__ for row in rows]
        return [
            [_json_text(state[name]) if name in self.documents else state[name] for state in states]
            for name in self.names
        ]


def _json_text(value: Any) -> str | None:
    return None if value is None else to_json(value).decode()


def documents_of(row: type[Row]) -> frozenset[str]:
    """Names of the JSONB columns."""
    return frozenset(
        each.name for each in table_of(row).columns if hasattr(each.type, "to_database")
    )


@lru_cache(maxsize=1_024)
def insert_of(
    row: type[Row],
    returning: tuple[ColumnElement[Any], ...] = (),
    *,
    ignores_conflict: bool = False,
) -> RowStatement:
    """An INSERT of a row."""
    names = written_columns_of(row)
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    conflict = " ON CONFLICT DO NOTHING" if ignores_conflict else ""
    query = (
        f"INSERT INTO {_quoted(row)} ({_list(names)}) VALUES "
        f"({places}){conflict}{_returning(returning)}"
    )
    return RowStatement(query.encode(), names, documents_of(row))


@lru_cache(maxsize=1_024)
def update_of(
    row: type[Row], *, is_checked: bool, returning: tuple[ColumnElement[Any], ...] = ()
) -> RowStatement:
    """An UPDATE of a row by its key.

    Where the row has a version, `is_checked` lets it find only the version before.
    """
    keys = key_of(row)
    names = (*(name for name in written_columns_of(row) if name not in keys), *keys)
    sets = ", ".join(
        f'"{name}" = ${number}' for number, name in enumerate(names[: -len(keys)], start=1)
    )
    where = _where(keys, start=len(names) - len(keys) + 1)
    if is_checked and has_version(row):
        where += f' AND "version" = ${names.index("version") + 1} - 1'
    query = f"UPDATE {_quoted(row)} SET {sets} WHERE {where}{_returning(returning)}"
    return RowStatement(query.encode(), names, documents_of(row))


@lru_cache(maxsize=512)
def delete_of(row: type[Row]) -> RowStatement:
    """A DELETE of a row by its key."""
    keys = key_of(row)
    return RowStatement(
        f"DELETE FROM {_quoted(row)} WHERE {_where(keys)}".encode(), keys, frozenset()
    )


@lru_cache(maxsize=512)
def select_of(row: type[Row], *, locks: bool = False) -> RowStatement:
    """A SELECT of a row by its key."""
    keys = key_of(row)
    query = (
        f"SELECT {columns_sql(row)} FROM {_quoted(row)} WHERE "
        f"{_where(keys)}{' FOR UPDATE' if locks else ''}"
    )
    return RowStatement(query.encode(), keys, frozenset())


@lru_cache(maxsize=512)
def upsert_many_of(
    row: type[Row], conflict: tuple[str, ...], update: tuple[str, ...] | None
) -> RowStatement:
    """An INSERT of many rows, one array a column.

    Of rows in conflict the columns `update` are written; None is all others, () none.
    """
    names, documents, columns = written_columns_of(row), documents_of(row), table_of(row).columns
    # The type of an array names no collation.
    types = [
        "TEXT"
        if name in documents
        else columns[name].type.compile(dialect=_DIALECT).partition(" COLLATE ")[0]
        for name in names
    ]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(types, start=1))
    values = ", ".join(f'"{name}"::jsonb' if name in documents else f'"{name}"' for name in names)
    changed = tuple(name for name in names if name not in conflict) if update is None else update
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    query = (
        f"INSERT INTO {_quoted(row)} ({_list(names)}) SELECT {values} FROM unnest({arrays}) AS n "
        f"({_list(names)})"
        f" ON CONFLICT ({_list(conflict)}) {'DO UPDATE SET ' + sets if sets else 'DO NOTHING'}"
    )
    return RowStatement(query.encode(), names, documents)


@lru_cache(maxsize=512)
def has_version(row: type[Row]) -> bool:
    """Returns whether a table has a version beside its key."""
    return "version" in columns_of(row) and "version" not in key_of(row)


@lru_cache(maxsize=512)
def columns_sql(row: type[Row], prefix: str = "") -> LiteralString:
    """Returns the column names of a table for literal SQL, in the order of `Row.load`.

    `prefix` is the table's alias.
    """
    dot = f"{prefix}." if prefix else ""
    return ", ".join(f'{dot}"{name}"' for name in columns_of(row))


def one_of(column: Any, values: Iterable[Any] | str) -> ColumnElement[bool]:
    """The condition `column = ANY(values)`: one parameter, however many there are.

    A text names the parameter instead.
    """
    expression: Any = col(column)
    kind: ARRAY[Any] = ARRAY(expression.type)
    bound = (
        bindparam(values, type_=kind) if isinstance(values, str) else literal(list(values), kind)
    )
    return cast(ColumnElement[bool], expression == any_(cast(Any, bound)))


def _quoted(row: type[Row]) -> str:
    return f'"{table_of(row).name}"'


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _where(names: Sequence[str], start: int = 1) -> str:
    return " AND ".join(f'"{name}" = ${number}' for number, name in enumerate(names, start=start))


def _returning(expressions: tuple[ColumnElement[Any], ...]) -> str:
    if not expressions:
        return ""
    options = {"literal_binds": True}
    texts = [
        str(each.compile(dialect=_DIALECT, compile_kwargs=options)).replace("%%", "%")
        for each in expressions
    ]
    return " RETURNING " + ", ".join(texts)
