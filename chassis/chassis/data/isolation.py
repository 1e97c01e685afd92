"""Isolation of bad rows: a loop skips the row that it cannot handle, and handles the others.

A skipped row is counted (`rows_skipped_total`), logged without its content, and listed in the table
`skipped_row` of the service's own database, where staff find it. Nothing is lost: the row stays
where it is, and its loop tries it again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import psycopg
from prometheus_client import Counter, Gauge
from sqlalchemy import Text, bindparam, cast, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from chassis import telemetry
from chassis.data.connections import ConnectionHeld
from chassis.data.database import Database
from chassis.data.rows import Field, Row, counter, table_of
from chassis.data.statements import prepare
from chassis.data.tx import Read
from chassis.rpc.errors import DeadlineExceeded, Unavailable
from chassis.runtime.clock import real_now

T = TypeVar("T")
R = TypeVar("R", bound=Row)
log = telemetry.log("isolation")
# A row that was skipped this recently is bad now: each loop tries a skipped row again at least each
# five minutes.
CURRENT_SECONDS: Final = 900
# How long a row stays listed after it was last skipped.
LISTED_SECONDS: Final = 7 * 86_400
# At most so many rows are listed per loop: beyond it a defect is at work, not a row.
MOST_LISTED: Final = 1_000
_MOST_KEY: Final = 200
# Of the database's errors only these may be a row's fault. Any other says that it is away, busy or
# misused: a row that was left out for one would be missing from an answer, such as an offer from a
# cart.
_OF_A_ROW: Final = (psycopg.DataError, psycopg.IntegrityError)
_NOT_OF_A_ROW: Final = (
    Unavailable,
    DeadlineExceeded,
    ConnectionHeld,
    psycopg.Error,
    TimeoutError,
    OSError,
    MemoryError,
)

rows_skipped: Final = Counter(
    "rows_skipped_total", "times that a loop left out a row that it cannot handle", ["loop"]
)
rows_skipped_now: Final = Gauge(
    "skipped_rows", "rows that a loop left out in the last 15 minutes, as last looked", ["loop"]
)


class SkippedRow(Row, table=True):
    """A row that a loop left out.

    `error` is the class name of the last error; `times` counts how often the row was listed.
    """

    __tablename__ = "skipped_row"

    loop: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    error: str
    times: int = counter()
    first_at: datetime
    last_at: datetime = Field(index=True)


@dataclass(slots=True)
class _Pending:
    error: str
    at: datetime


_pending: Final[dict[tuple[str, str], _Pending]] = {}
_loops: Final[set[str]] = set()


class Loop:
    """A loop over rows, by its name in metrics and lists. Make one per loop, at import."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._has_overflowed = False
        _loops.add(name)
        rows_skipped.labels(name)
        rows_skipped_now.labels(name)

    def skip(self, key: object, error: BaseException) -> None:
        """Counts and logs a row, and lists it with the next `flush`.

        `key` names the row and must not be personal.
        """
        rows_skipped.labels(self.name).inc()
        named = (self.name, _printable(str(key)))
        if named not in _pending:
            if sum(loop == self.name for loop, _ in _pending) >= MOST_LISTED:
                if not self._has_overflowed:
                    self._has_overflowed = True
                    log.error(
                        "more rows are skipped than can be listed",
                        loop=self.name,
                        listed=MOST_LISTED,
                        exc_info=error,
                    )
                return
            self._has_overflowed = False
            log.error("row skipped", loop=self.name, key=named[1], exc_info=error)
        _pending[named] = _Pending(type(error).__name__, real_now())


def is_of_a_row(error: BaseException) -> bool:
    """Returns whether an error may be a row's fault.

    What is away or busy is not, nor what ends the process.
    """
    return isinstance(error, _OF_A_ROW) or (
        isinstance(error, Exception) and not isinstance(error, _NOT_OF_A_ROW)
    )


async def handle_isolated(
    items: Sequence[T],
    handle: Callable[[Sequence[T]], Awaitable[None]],
    *,
    loop: Loop,
    key: Callable[[T], object],
) -> list[T]:
    """Handles all items at once; after a failure in halves, so that only bad items are skipped.

    Returns those.

    `handle` must have no effect when it raises. An error that is not of a row is raised.
    """
    if not items:
        return []
    try:
        await handle(items)
    except Exception as error:
        if not is_of_a_row(error):
            raise
        if len(items) == 1:
            loop.skip(key(items[0]), error)
            return [items[0]]
    else:
        return []
    half = len(items) // 2
    return [
        *await handle_isolated(items[:half], handle, loop=loop, key=key),
        *await handle_isolated(items[half:], handle, loop=loop, key=key),
    ]


async def find_readable(
    read: Read, row: type[R], query: SelectOfScalar[R], *, loop: Loop
) -> list[R]:
    """Returns the rows of a table as `Read.all` does, without unreadable ones.

    A time beyond the year 9999 makes a row unreadable.

    In a transaction only what Python cannot read is left out: an error of the server would end it.
    """
    try:
        return await read.all(query)
    except Exception as error:
        if not is_of_a_row(error):
            raise
    keys = [cast(each, Text) for each in table_of(row).primary_key.columns]
    found: list[R] = []
    keyed: Any = query.with_only_columns(*keys, maintain_column_froms=True)
    for key in await read.all(keyed):
        # A key of one column comes as its value.
        texts = key if isinstance(key, tuple) else (key,)
        try:
            found.extend(
                await read.all(
                    select(row).where(
                        *(each == text for each, text in zip(keys, texts, strict=True))
                    )
                )
            )
        except Exception as error:
            if not is_of_a_row(error):
                raise
            loop.skip("/".join(map(str, texts)), error)
    return found


async def flush(database: Database) -> None:
    """Lists what was skipped since the last flush.

    What cannot be listed now is listed by the next one. Raises DatabaseUnavailable.
    """
    if not _pending:
        return
    taken = dict(_pending)
    rows = [
        (loop, key, skipped.error, skipped.at) for (loop, key), skipped in sorted(taken.items())
    ]
    async with database.tx() as tx:
        await tx.run(_LIST, [*(list(column) for column in zip(*rows, strict=True)), MOST_LISTED])
    for named, skipped in taken.items():
        if _pending.get(named) is skipped:
            del _pending[named]


_COUNT: Final = prepare(
    select(SkippedRow.loop, func.count())
    .where(SkippedRow.last_at > bindparam("since"))
    .group_by(SkippedRow.loop)
)


async def look(read: Read) -> None:
    """Sets the gauge of each loop."""
    since = real_now() - timedelta(seconds=CURRENT_SECONDS)
    counted: dict[str, int] = dict(await read.all(_COUNT, since=since))
    for loop in _loops | counted.keys():
        rows_skipped_now.labels(loop).set(counted.get(loop, 0))


async def skipped_rows(read: Read, *, loop: str = "", limit: int = 50) -> list[SkippedRow]:
    """The rows that were skipped last come first. An empty `loop` is any."""
    query = (
        select(SkippedRow)
        .order_by(col(SkippedRow.last_at).desc(), SkippedRow.loop, SkippedRow.key)
        .limit(limit)
    )
    return await read.all(query.where(SkippedRow.loop == loop) if loop else query)


def _printable(key: str) -> str:
    return "".join(
        character if character.isascii() and character.isprintable() else "?"
        for character in key[:_MOST_KEY]
    )


_LIST: Final = (
    "INSERT INTO skipped_row AS s (loop, key, error, times, first_at, last_at)"
    " SELECT loop, key, error, 1, at, at FROM unnest(%s::text[], %s::text[], %s::text[], "
    "%s::timestamptz[]) AS n (loop, key, error, at)"
    " WHERE (SELECT count(*) FROM skipped_row o WHERE o.loop = n.loop) < %s"
    " OR EXISTS (SELECT FROM skipped_row o WHERE o.loop = n.loop AND o.key = n.key)"
    " ON CONFLICT (loop, key) DO UPDATE SET error = excluded.error, times = s.times + 1, last_at = "
    "greatest(s.last_at, excluded.last_at)"
)
