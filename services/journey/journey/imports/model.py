"""Imports: their options, their counts, the lines that they refused, and their jobs."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary

from chassis.data.rows import Field, Row, code, column, counter, document, states

MOST_REFUSALS: Final = 200
MOST_COLUMNS_OF_PROPERTIES: Final = 64
MOST_VALUE: Final = 80


class ImportState(StrEnum):
    RECEIVING = "receiving"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


class Format(StrEnum):
    """Forms of a file; AUTO looks at its first bytes."""

    AUTO = "auto"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class TimeUnit(StrEnum):
    """Units of times that are numbers; AUTO follows from their size."""

    AUTO = "auto"
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


class DateOrder(StrEnum):
    """Order of day and month in dates with slashes or dashes that begin with neither year."""

    UNKNOWN = ""
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class PresetName(StrEnum):
    """Tools whose exports are known."""

    NONE = ""
    GA4 = "ga4"
    MIXPANEL = "mixpanel"
    POSTHOG = "posthog"
    SEGMENT = "segment"
    RUDDERSTACK = "rudderstack"
    SNOWPLOW = "snowplow"
    MATOMO = "matomo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Options of reading a file.

    `columns` gives the columns of a field, of which the first that has a value counts; a dotted
    name reaches into nested documents. `properties` gives the column of a property; `property_maps`
    are columns that hold documents, all of whose values are kept. `constants` are values of fields
    for all lines. `kinds` renames kinds. `decimal_mark` parts units from cents.
    """

    columns: dict[str, list[str]] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    property_maps: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    preset: PresetName = PresetName.NONE
    format: Format = Format.AUTO
    encoding: str = "utf-8"
    delimiter: str = ""
    timezone: str = ""
    time_unit: TimeUnit = TimeUnit.AUTO
    date_order: DateOrder = DateOrder.UNKNOWN
    decimal_mark: str = "."
    source: str = "import"
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not stored: its number in the file, its column, the value, and why."""

    line: int
    field: str
    column: str
    value: str
    reason: str

    @property
    def text(self) -> str:
        """Returns it as people read it."""
        place = f"line {self.line}, {self.field}"
        if self.column and self.column != self.field:
            place += f" (column {self.column})"
        return f"{place}: {self.reason}" + (f": {self.value!r}" if self.value else "")


@dataclass(slots=True)
class Counts:
    """Lines of an import by what became of them.

    `repeated` were stored before; `withheld` lack their person's consent; `refused` make no sense.
    """

    read: int = 0
    stored: int = 0
    repeated: int = 0
    withheld: int = 0
    refused: int = 0

    @property
    def text(self) -> str:
        """Returns them as people read them."""
        return (
            f"{self.read} read, {self.stored} stored, {self.repeated} repeated, "
            f"{self.withheld} withheld, {self.refused} refused"
        )


class ImportJob(Row, table=True):
    """One import: its options, its progress and its report.

    `problem` says why all of it failed. `leased_until` tells a job of a process that is gone.
    """

    __tablename__ = "import_job"
    __table_args__ = (states("state", ImportState), Index("import_job_state", "state", "id"))

    id: UUID = Field(primary_key=True)
    version: int = counter(default=1)
    state: ImportState = code(ImportState)
    options: ImportOptions = document(ImportOptions)
    actor_id: UUID | None = None
    created_at: datetime
    finished_at: datetime | None = None
    leased_until: datetime | None = None
    bytes_received: int = counter(default=0)
    lines_read: int = counter(default=0)
    lines_stored: int = counter(default=0)
    lines_repeated: int = counter(default=0)
    lines_withheld: int = counter(default=0)
    lines_refused: int = counter(default=0)
    refusals: list[Refusal] = document(list[Refusal], default_factory=list, repr=False)
    notes: list[str] = document(list[str], default_factory=list)
    problem: str = ""

    @property
    def counts(self) -> Counts:
        """Returns the counts of its lines."""
        return Counts(
            self.lines_read,
            self.lines_stored,
            self.lines_repeated,
            self.lines_withheld,
            self.lines_refused,
        )

    def take_counts(self, counts: Counts) -> None:
        """Copies the counts of a reading into the row."""
        self.lines_read, self.lines_stored = counts.read, counts.stored
        self.lines_repeated, self.lines_withheld = counts.repeated, counts.withheld
        self.lines_refused = counts.refused


class ImportPart(Row, table=True):
    """A part of an import's file, kept until the import has ended."""

    __tablename__ = "import_part"

    import_id: UUID = Field(primary_key=True)
    number: int = column(Integer, primary_key=True)
    content: bytes = column(LargeBinary, repr=False)
