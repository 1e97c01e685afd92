"""Touchpoints of answers: recorded once, and corrected with the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from chassis.data.tx import Tx
from journey.touchpoints.corrections import STEP, erase_touchpoint
from journey.touchpoints.model import Source, Touchpoint, derive_touchpoint_id, serialize_properties
from journey.touchpoints.record import DefaultConsent, Recorded, Seen, record_touchpoints

KIND: Final = "feedback.given"


class Answered(Protocol):
    """A stored answer, which knows its touchpoint."""

    given_at: datetime
    recorded_at: datetime | None
    revision: int


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as its touchpoint tells it. `key` is unique among answers."""

    key: str
    subject: str
    channel: str
    visitor_id: UUID | None
    guest_id: UUID | None
    customer_id: UUID | None
    properties: dict[str, str]
    trace_id: UUID | None = None

    @property
    def handles(self) -> list[UUID]:
        """Returns the ids of who answered."""
        return [id for id in (self.visitor_id, self.guest_id, self.customer_id) if id is not None]


async def record_answer(
    tx: Tx,
    row: Answered,
    given: Given,
    is_granted_by_default: DefaultConsent,
    *,
    has_changed: bool,
) -> Recorded:
    """Records the touchpoint of a new answer, or corrects that of a changed one.

    Sets `recorded_at` and `revision` of the row, which the caller writes.
    """
    if not given.handles:
        return Recorded([], 0, [])
    at = tx.now
    if has_changed:
        # Rows of older releases do not tell when they were recorded.
        known = await erase_touchpoint(
            tx, _id(given, row), at=row.recorded_at or row.given_at, handles=given.handles
        )
        before = known or row.recorded_at
        at = before + STEP if before else tx.now
        row.revision += 1
    seen = Seen(
        Touchpoint(
            id=_id(given, row),
            visitor_id=given.visitor_id,
            guest_id=given.guest_id,
            customer_id=given.customer_id,
            trace_id=given.trace_id,
            occurred_at=at,
            received_at=tx.now,
            duration_ms=None,
            kind=KIND,
            source=Source.EVENT,
            channel=given.channel,
            subject=given.subject,
            properties=serialize_properties(given.properties),
        )
    )
    recorded = await record_touchpoints(tx, [seen], is_granted_by_default)
    row.recorded_at = at if recorded.stored else None
    return recorded


def _id(given: Given, row: Answered) -> UUID:
    """Returns the id of an answer's touchpoint: another one for each correction."""
    revision = (str(row.revision),) if row.revision else ()
    return derive_touchpoint_id(KIND, given.key, *revision)
