"""Records to touchpoints, or to why a record is none.

An event is the same event whatever its line looks like: its identity is its id where it has one,
and else its person, kind, time, and its number among the equal ones of its file.
"""

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from journey.imports.fields import CAMPAIGN, Digest, FieldReader, Invalid, text_of
from journey.imports.formats import Line, Record, value_at
from journey.imports.inputs import UnreadableFile
from journey.imports.model import MOST_VALUE, ImportOptions, Refusal
from journey.imports.values import Column, JoinedColumns, text_column
from journey.touchpoints.model import (
    Campaign,
    Source,
    Touchpoint,
    clean_text,
    derive_touchpoint_id,
)

# Equal events this many keys apart in a file count as one.
_REMEMBERED: Final = 250_000
# Lines that are read at once.
_AT_ONCE: Final = 2_000


class Imported(NamedTuple):
    """A touchpoint of a line, and the handle of the e-mail address that the line names."""

    touchpoint: Touchpoint
    email_id: UUID | None = None


@dataclass(slots=True)
class Occurrences:
    """Counts equal keys in the order of a file, in bounded memory.

    Of a key only its 64-bit hash is kept: two of 500,000 keys have the same one once in 10^8 files.
    """

    _new: dict[int, int] = field(default_factory=dict)
    _old: dict[int, int] = field(default_factory=dict)

    def count(self, keys: Iterable[Hashable]) -> list[int]:
        """Returns how often each key came before."""
        if len(self._new) >= _REMEMBERED:
            self._old, self._new = self._new, {}
        new, old = self._new, self._old
        found = list[int]()
        for key in map(hash, keys):
            before = new.get(key)
            if before is None:
                before = old.get(key, 0)
            new[key] = before + 1
            found.append(before)
        return found


class RowReader:
    """Reads the records of one file, some thousands at once and column by column."""

    def __init__(
        self,
        options: ImportOptions,
        *,
        import_id: UUID,
        now: datetime,
        default_channel: str,
        digest: Digest,
    ) -> None:
        fields = FieldReader(options, now=now, default_channel=default_channel, digest=digest)
        self._options, self._import_id, self._now = options, import_id, now
        self._fields = fields
        self._visitor = text_column(options, "person", fields.visitor)
        self._customer = text_column(options, "customer", fields.customer)
        self._email = text_column(options, "email", fields.email)
        self._event = text_column(options, "event_id", self._event_id)
        self._kind = text_column(options, "kind", fields.kind)
        # A time is read as it is, not as a text.
        self._time = Column(options, "time", fields.time)
        self._money = JoinedColumns(options, ("amount", "currency"), fields.money)
        self._duration = text_column(options, "duration", fields.duration)
        self._outcome = text_column(options, "outcome", fields.outcome)
        self._texts = {
            "channel": text_column(options, "channel", fields.channel),
            "reason": text_column(options, "reason", fields.reason),
            "subject": text_column(options, "subject", fields.subject),
            "session_id": text_column(options, "session", fields.session),
            "device": text_column(options, "device", fields.device),
        }
        self._campaign = JoinedColumns(options, CAMPAIGN, fields.campaign)
        self._equal, self._at_once = Occurrences(), Occurrences()

    def read(self, lines: Iterable[Line | Refusal]) -> Iterator[Imported | Refusal]:
        """Yields a touchpoint for each record, or why it is none."""
        for chunk in _chunks(lines):
            readable = [line for line in chunk if isinstance(line, Line)]
            found = self._read(readable)
            if len(readable) == len(chunk):
                yield from found
                continue
            rows = iter(found)
            for line in chunk:
                yield line if isinstance(line, Refusal) else next(rows)

    def _read(self, lines: Sequence[Line]) -> list[Imported | Refusal]:
        records = [line.record for line in lines]
        invalid: dict[int, Invalid] = {}
        visitors, customers, emails = self._people(records, invalid)
        kinds, times = (
            self._kind.values_of(records, invalid),
            self._time.values_of(records, invalid),
        )
        people = [
            visitor or customer for visitor, customer in zip(visitors, customers, strict=True)
        ]
        ids, sequences = self._ids(records, people, kinds, times, invalid)
        money = self._money.values_of(records, invalid)
        durations = self._duration.values_of(records, invalid)
        columns: dict[str, Iterable[object]] = {
            "id": ids,
            "visitor_id": visitors,
            "customer_id": customers,
            "occurred_at": times,
            "kind": kinds,
            "sequence": sequences,
            "duration_ms": durations,
            "outcome": self._outcome.values_of(records, invalid),
            **{name: column.values_of(records, invalid) for name, column in self._texts.items()},
            **_spread(("amount_minor", "currency"), money),
            **_spread(Campaign._fields, self._campaign.values_of(records, invalid)),
            **{name: itertools.repeat(None) for name in ("guest_id", "trace_id")},
            "received_at": itertools.repeat(self._now),
            "source": itertools.repeat(Source.IMPORT.value),
            "import_id": itertools.repeat(self._import_id),
            "properties": map(self._fields.properties, records)
            if self._fields.has_properties
            else itertools.repeat("{}"),
        }
        rows = zip(*(columns[name] for name in Touchpoint._fields), strict=False)
        found: list[Imported | Refusal] = [
            *map(Imported._make, zip(map(Touchpoint._make, rows), emails, strict=True))
        ]
        for number, error in invalid.items():
            found[number] = self._refusal(lines[number], error)
        return found

    def _people(
        self, records: Sequence[Record], invalid: dict[int, Invalid]
    ) -> tuple[list[UUID | None], list[UUID | None], list[UUID | None]]:
        """Returns the visitors, the customers, and the keys of the addresses."""
        visitors = self._visitor.values_of(records, invalid)
        customers = self._customer.values_of(records, invalid)
        emails = self._email.values_of(records, invalid)
        if not all(visitors):
            for number, ids in enumerate(zip(visitors, customers, emails, strict=True)):
                visitor_id, customer_id, email_id = ids
                if visitor_id is None and customer_id is None:
                    # Who is known by the address alone is called by its key.
                    visitors[number] = email_id
                    if email_id is None:
                        invalid.setdefault(number, Invalid("person", "a person is needed"))
        return visitors, customers, emails

    def _ids(
        self,
        records: Sequence[Record],
        people: Sequence[UUID | None],
        kinds: Sequence[str | None],
        times: Sequence[datetime | None],
        invalid: Mapping[int, Invalid],
    ) -> tuple[list[UUID | None], list[int]]:
        """Returns the ids of events, and their numbers among those of one person and time."""
        count = len(records)
        told = [
            (number, person, kind, at)
            for number, person, kind, at in zip(range(count), people, kinds, times, strict=True)
            if person is not None and kind is not None and at is not None and number not in invalid
        ]
        sequences = [0] * count
        at_once = self._at_once.count((person.int, at) for _, person, _, at in told)
        for (number, *_), sequence in zip(told, at_once, strict=True):
            sequences[number] = sequence
        ids = self._event.values_of(records, {})
        nameless = [event for event in told if ids[event[0]] is None]
        equal = self._equal.count((person.int, kind, at) for _, person, kind, at in nameless)
        source = self._options.source
        for (number, person, kind, at), occurrence in zip(nameless, equal, strict=True):
            parts = ("import", source, person.hex, kind, at.isoformat(), str(occurrence))
            ids[number] = derive_touchpoint_id(*parts)
        return ids, sequences

    def _event_id(self, text: str | None) -> UUID | None:
        return derive_touchpoint_id("import.id", self._options.source, text) if text else None

    def _refusal(self, line: Line, error: Invalid) -> Refusal:
        columns = self._options.columns.get(error.field, ())
        for column in columns:
            if text := text_of(value_at(line.record, column)):
                shown = "" if error.field == "email" else clean_text(text, MOST_VALUE)
                return Refusal(line.number, error.field, column, shown, str(error))
        return Refusal(line.number, error.field, next(iter(columns), ""), "", str(error))


def _chunks(lines: Iterable[Line | Refusal]) -> Iterator[list[Line | Refusal]]:
    rest = iter(lines)
    while True:
        chunk = list[Line | Refusal]()
        try:
            chunk.extend(itertools.islice(rest, _AT_ONCE))
        except UnreadableFile:
            # What came before the place where the file breaks is read.
            yield chunk
            raise
        if not chunk:
            return
        yield chunk


def _spread(
    names: Sequence[str], values: Sequence[tuple[object, ...] | None]
) -> dict[str, list[object]]:
    """Returns a column for each field of the values; None where a value makes no sense."""
    nothing = (None,) * len(names)
    rows = [value or nothing for value in values]
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
