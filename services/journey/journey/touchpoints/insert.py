"""Storing new touchpoints, by COPY for imports of millions of them.

The lines of COPY are made here: psycopg's own take several times as long, column by column. `make
bench` measures imports, and a test compares with what PostgreSQL stores of any value.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Final, LiteralString
from uuid import UUID

from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from journey.arrays import ids_in
from journey.touchpoints.model import Touchpoint, TouchpointRow

_TEXTS: Final[tuple[LiteralString, ...]] = (
    "kind", "source", "channel", "outcome", "reason", "subject", "session_id", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "click_id", "referrer_host",
    "properties", "device", "currency",
)  # fmt: skip
_OTHERS: Final[tuple[LiteralString, ...]] = (
    "id", "visitor_id", "guest_id", "customer_id", "trace_id", "import_id", "occurred_at",
    "received_at", "duration_ms", "sequence", "amount_minor",
)  # fmt: skip
_COPY: Final[LiteralString] = (
    "COPY touchpoint (" + ", ".join(_OTHERS) + ", " + ", ".join(_TEXTS) + ") FROM STDIN"
)
_texts_of: Final = itemgetter(*map(Touchpoint._fields.index, _TEXTS))
# Lines that are sent at once.
_AT_ONCE: Final = 500
_NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})

if {*_TEXTS, *_OTHERS} != {*Touchpoint._fields}:
    raise TypeError("each column of a touchpoint must be in the lines")


async def insert_touchpoints(tx: Tx, rows: Sequence[Touchpoint]) -> list[Touchpoint]:
    """Stores those that are new, and returns them."""
    unique = {row.id: row for row in rows}
    if not unique:
        return []
    if len(unique) == 1:
        (row,) = unique.values()
        return [row] if await tx.run(_INSERT, row) else []
    # An array as text: psycopg's own is made id by id.
    for known in await tx.all(_KNOWN, ids="{" + ",".join([id.hex for id in unique]) + "}"):
        del unique[known]
    connection = await tx.connected()
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for block in copy_blocks(unique.values()):
            await copy.write(block)
    return list(unique.values())


_ids: Final = ids_in("ids")
_KNOWN: Final = prepare(select(TouchpointRow.id).join(_ids, _ids.c.id == col(TouchpointRow.id)))
_INSERT: Final[LiteralString] = (
    f"INSERT INTO touchpoint ({', '.join(Touchpoint._fields)}) VALUES"
    f" ({', '.join(['%s'] * len(Touchpoint._fields))}) ON CONFLICT (id) DO NOTHING"
)


def copy_blocks(rows: Iterable[Touchpoint]) -> Iterator[bytes]:
    """Yields the lines of rows, some hundreds at once."""
    lines = map(_line_of, rows)
    while block := "".join(islice(lines, _AT_ONCE)):
        yield block.encode()


def _line_of(row: Touchpoint) -> str:
    texts = _texts_of(row)
    joined = "".join(texts)
    # Most texts have nothing to escape; a text that is not printable may be a line's end.
    if "\\" in joined or not joined.isprintable():
        texts = [text.translate(_ESCAPES) for text in texts]
    duration, amount = row.duration_ms, row.amount_minor
    return (
        f"{row.id.hex}\t{_hex(row.visitor_id)}\t{_hex(row.guest_id)}\t{_hex(row.customer_id)}\t"
        f"{_hex(row.trace_id)}\t{_hex(row.import_id)}\t{row.occurred_at}\t"
        f"{_spelled(row.received_at)}\t{_NULL if duration is None else duration}\t{row.sequence}\t"
        f"{_NULL if amount is None else amount}\t" + "\t".join(texts) + "\n"
    )


def _hex(id: UUID | None) -> str:
    return _NULL if id is None else id.hex


# The rows of a batch were received at one time.
_spelled: Final = lru_cache(maxsize=16)(str)
