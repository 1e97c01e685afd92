"""Deferred writes: what can wait for the commit is one statement with it, in one round trip."""

from collections.abc import Hashable, Sequence
from typing import Any, LiteralString

from sqlalchemy.sql import Executable

from chassis.data import statements
from chassis.data.rows import Row, key_values, table_of
from chassis.data.statements import Prepared


class DeferredConflict(RuntimeError):
    """A row is written twice, or read after its deferred write.

    This is a defect, because the order of the statements would change.
    """


class Deferred:
    """Writes that run with the commit.

    All become one statement, which sees the rows as they are when the block ends.

    For what nothing in this transaction reads or writes otherwise; a guard refuses rows of which it
    knows better. An error shows at the commit.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, tuple[bytes, Sequence[Any]]] = {}
        self._rows: set[tuple[str, tuple[Any, ...]]] = set()

    def insert(self, *rows: Row) -> None:
        """Inserts rows with the commit. Raises DeferredConflict."""
        for row in rows:
            statement = statements.insert_of(type(row))
            self._add(self._claim(row), statement.query, statement.bind(row))

    def update(self, row: Row) -> None:
        """Writes a row back with the commit, its version bumped.

        For a row that is locked: its version is not checked.

        Raises DeferredConflict.
        """
        name = self._claim(row)
        bump(row)
        statement = statements.update_of(type(row), is_checked=False)
        self._add(name, statement.query, statement.bind(row))

    def execute(
        self, statement: Executable | Prepared[Any], /, *, once: Hashable = None, **values: Any
    ) -> None:
        """Runs a statement with the commit. Of those with the same `once` the last counts."""
        if isinstance(statement, Prepared):
            self._add(once, statement.query, statement.bind({**statement.values, **values}))
        else:
            prepared, own = statements.compiled(statement)
            self._add(once, prepared.query, prepared.bind({**own, **values}))

    def run(self, query: LiteralString, params: Sequence[Any], *, once: Hashable = None) -> None:
        """Runs literal SQL with the commit. Of those with the same `once` the last counts."""
        text, values = statements.positioned(query, params)
        self._add(once, text, values or ())

    def require_unwritten(self, row: type[Row], key: Sequence[Any]) -> None:
        """Raises DeferredConflict where the write of a row waits."""
        if self._rows and (table_of(row).name, tuple(key)) in self._rows:
            raise DeferredConflict(
                f"a row of {table_of(row).name} was written with the commit already"
            )

    def take(self) -> tuple[bytes, list[Any]] | None:
        """Returns all that waits as one statement with its parameters, or None.

        Nothing waits afterwards.
        """
        if not self._waiting:
            return None
        taken, self._waiting = list(self._waiting.values()), {}
        self._rows.clear()
        return statements.together(tuple(query for query, _ in taken)), [
            value for _, values in taken for value in values
        ]

    def _claim(self, row: Row) -> Hashable:
        name = (table_of(type(row)).name, key_values(row))
        self.require_unwritten(type(row), name[1])
        self._rows.add(name)
        return name

    def _add(self, once: Hashable, query: bytes, values: Sequence[Any]) -> None:
        self._waiting[once if once is not None else object()] = (query, values)


def bump(row: Row) -> None:
    """Raises a row's version by one, where its table has one beside its key."""
    if statements.has_version(type(row)):
        row.version += 1  # type: ignore[attr-defined]  # a subclass's field
