"""Groups of settings, each with the number of its last change."""

from typing import Any, LiteralString

from sqlmodel import select

from chassis.data.rows import Row
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx


class SettingsGroup:
    """Tables of settings that change together.

    `revision` is the table of their number: its one row, `is_only`, has the `number` of the last
    change and its time, and every process follows it. `name` is the table's name without
    `_revision`.
    """

    def __init__(self, name: LiteralString, revision: type[Row]) -> None:
        columns: Any = revision
        table: LiteralString = name + "_revision"
        self._name = name
        self._number = prepare(select(columns.number))
        self._revise: LiteralString = (
            f"INSERT INTO {table} (is_only, number, changed_at) VALUES (TRUE, 1, %s)"
            f" ON CONFLICT (is_only) DO UPDATE SET number = {table}.number + 1,"
            " changed_at = excluded.changed_at"
        )

    async def find_revision(self, read: Read) -> int | None:
        """Returns the number of the last change; None where nothing was stored yet."""
        found: int | None = await read.one(self._number)
        return found

    async def lock(self, tx: Tx) -> None:
        """Waits for other changes of the group, and keeps them out until the transaction ends.

        Staff write rarely: one at a time spares every race on codes, places and references.
        """
        await tx.fetch("SELECT pg_advisory_xact_lock(hashtext(%s))", [self._name])

    async def revise(self, tx: Tx) -> None:
        """Tells every process to read the settings anew."""
        await tx.run(self._revise, [tx.now])
