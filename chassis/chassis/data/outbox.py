"""The outbox: events that wait to be published, in the order in which they were emitted."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.rows import Row, document, serial


class Outbox(Row, table=True):
    """An event that the relay has yet to publish.

    `key` is the aggregate's id: order holds per key. `headers` go with the event.
    """

    __tablename__ = "outbox"

    id: int = serial()
    event_id: UUID
    type: str
    key: str
    payload: bytes
    headers: dict[str, str] = document(dict[str, str])
    created_at: datetime


# The header of an event of a synthetic aggregate. It travels with the row and with the message, so
# that every process of a rolling upgrade reads it.
SYNTHETIC_HEADER: Final = "ce-synthetic"
# All events of a transaction at once. `created_at` is real time: the relay measures by it how long
# an event waits.
INSERT_EVENTS: Final = (
    "INSERT INTO outbox (event_id, type, key, payload, headers, created_at)"
    " SELECT event_id, type, key, payload, headers::jsonb, clock_timestamp()"
    " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::text[]) WITH ORDINALITY"
    " AS e (event_id, type, key, payload, headers, n) ORDER BY n"
)
