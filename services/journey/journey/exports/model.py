"""Exports: what they hold, their jobs, and the parts of their files."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import ARRAY, Index, Integer, LargeBinary, Uuid

from chassis.data.rows import Field, Row, code, column, counter, document, states
from journey.errors import InvalidQuestion
from journey.store.store import NUMBERS, PROPERTY, TEXTS

PERSON: Final = "person_id"
TIME: Final = "occurred_at"
USUAL_COLUMNS: Final = (
    PERSON, TIME, "kind", "channel", "device", "outcome", "subject", "utm_source", "amount_minor",
    "currency",
)  # fmt: skip
# Ids of a click at an advertising network are those of a person there.
_OF_PEOPLE: Final = frozenset({"click_id"})


class ExportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class ExportFormat(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Options of an export; `filter` is the message TouchpointFilter as JSON."""

    filter: dict[str, JsonValue] = field(default_factory=dict)
    columns: tuple[str, ...] = USUAL_COLUMNS
    format: ExportFormat = ExportFormat.CSV

    @property
    def read_columns(self) -> frozenset[str]:
        """Returns the columns that a store is asked for."""
        return frozenset(self.columns) - {PERSON, TIME}

    @property
    def facts(self) -> dict[str, JsonValue]:
        """Returns what an audit row says of it."""
        columns: list[JsonValue] = [*self.columns]
        return {"filter": self.filter, "columns": columns, "format": self.format.value}

    @property
    def tells_of_people(self) -> bool:
        """Returns whether it may hold what people typed, or what a network knows them by."""
        return any(name in _OF_PEOPLE or name.startswith(PROPERTY) for name in self.columns)


def require_columns(columns: tuple[str, ...]) -> None:
    """Raises InvalidQuestion for a column that touchpoints do not have."""
    known = {PERSON, TIME} | TEXTS | NUMBERS
    for number, name in enumerate(columns):
        if name not in known and not (name.startswith(PROPERTY) and name != PROPERTY):
            allowed = ", ".join([*sorted(known), "property:<name>"])
            raise InvalidQuestion("no such column", field=f"columns[{number}]", allowed=allowed)


class ExportJob(Row, table=True):
    """One export: its options, its progress, and how large its file is.

    `leased_until` tells a job of a process that is gone.
    """

    __tablename__ = "export_job"
    __table_args__ = (states("state", ExportState), Index("export_job_state", "state", "id"))

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    state: ExportState = code(ExportState, default=ExportState.QUEUED)
    options: ExportOptions = document(ExportOptions)
    actor_id: UUID
    created_at: datetime
    finished_at: datetime | None = None
    leased_until: datetime | None = None
    attempts: int = column(Integer, default=0)
    touchpoints: int = counter(default=0)
    bytes_written: int = counter(default=0)
    parts: int = column(Integer, default=0)
    problem: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state not in (ExportState.QUEUED, ExportState.RUNNING)


class ExportPart(Row, table=True):
    """A part of an export's file. `people` are those whose touchpoints begin to stand in it."""

    __tablename__ = "export_part"
    __table_args__ = (Index("export_part_people", "people", postgresql_using="gin"),)

    export_id: UUID = Field(primary_key=True)
    number: int = column(Integer, primary_key=True)
    content: bytes = column(LargeBinary, repr=False)
    people: list[UUID] = column(ARRAY(Uuid()), repr=False)


class ExportWithdrawal(Row, table=True):
    """A person who withdrew their consent while an export ran: it begins anew if it has them."""

    __tablename__ = "export_withdrawal"

    export_id: UUID = Field(primary_key=True)
    person_id: UUID = Field(primary_key=True)
