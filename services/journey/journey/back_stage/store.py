"""Rows of what a collector told, and their sums over a time."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import select

from chassis.data.rows import Field, Row, code, counter, document
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from journey.back_stage.model import KEPT_DAYS, Measured, Operation, Role, Told

# A collector that did not hear an answer repeats its request within minutes.
_REPEATED_WITHIN: Final = timedelta(hours=6)
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtext('back_stage'))"


class OperationHour(Row, table=True):
    """An operation behind a kind of touchpoint in one hour.

    `buckets` are counts of calls by BOUNDS_MS, `traces` pairs of milliseconds and trace id.
    """

    __tablename__ = "back_stage_hour"

    hour: datetime = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    service: str = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    role: Role = code(Role, primary_key=True)
    errors: int = counter()
    buckets: list[int] = document(list[int])
    traces: list[tuple[float, str]] = document(list[tuple[float, str]])

    @property
    def key(self) -> tuple[datetime, Operation]:
        return self.hour, Operation(self.kind, self.service, self.operation, self.role)

    @property
    def measured(self) -> Measured:
        return Measured(self.errors, [*self.buckets], [*self.traces])


class MetricsRequest(Row, table=True):
    """A request of a collector, by the digest of its content."""

    __tablename__ = "back_stage_request"

    digest: str = Field(primary_key=True)
    received_at: datetime


_OF_HOURS: Final = prepare(select(OperationHour).where(one_of(OperationHour.hour, "hours")))


async def keep_told(tx: Tx, content: bytes, told: Told) -> None:
    """Adds what a request tells. One that comes again changes nothing."""
    digest = hashlib.sha256(content).hexdigest()
    if not told or not await tx.insert_new(MetricsRequest(digest=digest, received_at=tx.now)):
        return
    # Sums of two requests at once are not lost.
    await tx.fetch(_LOCK)
    sums = {key: _copy(one) for key, one in told.items()}
    for row in await tx.all(_OF_HOURS, hours=sorted({hour for hour, _ in told})):
        if row.key in sums:
            sums[row.key].add(row.measured)
    rows = [_row(*key, measured) for key, measured in sums.items()]
    await tx.upsert_many(OperationHour, rows)


async def list_operations(
    read: Read, since: datetime, until: datetime
) -> Mapping[Operation, Measured]:
    """Returns the sums of the hours that begin within a time, by operation."""
    found: dict[Operation, Measured] = {}
    query = select(OperationHour).where(OperationHour.hour >= since, OperationHour.hour < until)
    for row in await read.all(query):
        found.setdefault(row.key[1], Measured()).add(row.measured)
    return found


async def delete_old_hours(tx: Tx) -> None:
    """Deletes what is older than it is kept."""
    kept = tx.now - timedelta(days=KEPT_DAYS)
    await tx.run("DELETE FROM back_stage_hour WHERE hour < %s", [kept])
    repeated = tx.now - _REPEATED_WITHIN
    await tx.run("DELETE FROM back_stage_request WHERE received_at < %s", [repeated])


def _copy(measured: Measured) -> Measured:
    return Measured(measured.errors, [*measured.buckets], [*measured.traces])


def _row(hour: datetime, operation: Operation, measured: Measured) -> OperationHour:
    return OperationHour(
        hour=hour,
        kind=operation.kind,
        service=operation.service,
        operation=operation.name,
        role=operation.role,
        errors=measured.errors,
        buckets=measured.buckets,
        traces=measured.traces,
    )
