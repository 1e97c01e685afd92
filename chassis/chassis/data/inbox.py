"""The inbox: ids of the events that were handled, so that none is handled twice."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.rows import Field, Row
from chassis.data.tx import Tx


class Inbox(Row, table=True):
    """An event whose effect committed with this row. `handled_at` is real time."""

    __tablename__ = "inbox"

    event_id: UUID = Field(primary_key=True)
    handled_at: datetime = Field(index=True)


_CLAIM: Final = (
    "INSERT INTO inbox (event_id, handled_at) SELECT id, clock_timestamp() FROM unnest(%s::uuid[]) "
    "AS e (id)"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)


async def claim_events(tx: Tx, event_ids: Collection[UUID]) -> set[UUID]:
    """Claims events for the running transaction. Returns those that nobody handled before."""
    # In one order, so that replicas with the same events wait for each other.
    return {event_id for (event_id,) in await tx.fetch(_CLAIM, [sorted(event_ids)])}
