"""Storing new touchpoints, by COPY for imports of millions of them.

The lines of COPY are made here and column by column, because psycopg's own take several times as
long. `make bench` measures imports, and a test compares with what PostgreSQL stores of any value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, LiteralString

from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from journey.arrays import array_of, ids_in
from journey.touchpoints.model import Touchpoint, TouchpointRow
from journey.touchpoints.spelling import spell_id, spell_time

# Lines that are sent at once.
_AT_ONCE: Final = 500
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _ids(values: Sequence[Any]) -> list[str]:
    return [_NULL if value is None else spell_id(value) for value in values]


def _times(values: Sequence[Any]) -> list[str]:
    return [*map(spell_time, values)]


def _numbers(values: Sequence[Any]) -> list[str]:
    return [_NULL if value is None else str(value) for value in values]


def _texts(values: Sequence[Any]) -> Sequence[str]:
    joined = "".join(values)
    # Most texts have nothing to escape; a text that is not printable may be a line's end.
    if "\\" in joined or not joined.isprintable():
        return [value.translate(_ESCAPES) for value in values]
    return values


# How COPY spells the values of a column.
_SPELLED: Final[Mapping[LiteralString, Callable[[Sequence[Any]], Sequence[str]]]] = {
    "id": _ids, "visitor_id": _ids, "guest_id": _ids, "customer_id": _ids, "trace_id": _ids,
    "occurred_at": _times, "received_at": _times, "duration_ms": _numbers, "kind": _texts,
    "source": _texts, "channel": _texts, "outcome": _texts, "reason": _texts, "subject": _texts,
    "session_id": _texts, "utm_source": _texts, "utm_medium": _texts, "utm_campaign": _texts,
    "utm_term": _texts, "utm_content": _texts, "click_id": _texts, "referrer_host": _texts,
    "properties": _texts, "sequence": _numbers, "device": _texts, "amount_minor": _numbers,
    "currency": _texts, "import_id": _ids,
}  # fmt: skip

if (*_SPELLED,) != Touchpoint._fields:
    raise TypeError("each column of a touchpoint must be in the lines, in its order")


async def insert_touchpoints(tx: Tx, rows: Sequence[Touchpoint]) -> list[Touchpoint]:
    """Stores those that are new, and returns them."""
    # By number: a UUID hashes itself in Python.
    unique = {row.id.int: row for row in rows}
    if not unique:
        return []
    if len(unique) == 1:
        (row,) = unique.values()
        return [row] if await tx.run(_INSERT, row) else []
    for known in await tx.all(_KNOWN, ids=array_of(row.id for row in unique.values())):
        del unique[known.int]
    rows = list(unique.values())
    if not rows:
        return []
    columns, blocks = copy_of(rows)
    connection = await tx.connected()
    async with connection.cursor() as cursor:
        async with cursor.copy(f"COPY touchpoint ({columns}) FROM STDIN") as copy:
            for block in blocks:
                await copy.write(block)
    return rows


_asked: Final = ids_in("ids")
_KNOWN: Final = prepare(select(TouchpointRow.id).join(_asked, _asked.c.id == col(TouchpointRow.id)))
_INSERT: Final[LiteralString] = (
    f"INSERT INTO touchpoint ({', '.join(Touchpoint._fields)}) VALUES"
    f" ({', '.join(['%s'] * len(Touchpoint._fields))}) ON CONFLICT (id) DO NOTHING"
)


def copy_of(rows: Sequence[Touchpoint]) -> tuple[LiteralString, Iterator[bytes]]:
    """Returns the columns of COPY, and the lines of rows, some hundreds at once.

    What all rows have in common stands at the end of each line and is spelled once.
    """
    varying = dict[LiteralString, Sequence[str]]()
    common = dict[LiteralString, str]()
    for (name, spelled), values in zip(_SPELLED.items(), zip(*rows, strict=True), strict=True):
        first = values[0]
        if name != "id" and first is values[-1] and values.count(first) == len(values):
            (common[name],) = spelled([first])
        else:
            varying[name] = spelled(values)
    end = "".join(f"\t{value}" for value in common.values()) + "\n"
    return ", ".join([*varying, *common]), _blocks(varying.values(), end)


def _blocks(columns: Iterable[Sequence[str]], end: str) -> Iterator[bytes]:
    lines = map("\t".join, zip(*columns, strict=True))
    while block := list(islice(lines, _AT_ONCE)):
        block.append("")
        yield end.join(block).encode()
