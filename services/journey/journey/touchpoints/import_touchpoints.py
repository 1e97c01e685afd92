"""A shop's existing history from files, a chunk at a time.

A row's id follows from what it says, so that an import can be repeated.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TextIO
from uuid import UUID

from journey.errors import InvalidTouchpoint
from journey.touchpoints.model import (
    Source,
    Touchpoint,
    clean_text,
    derive_touchpoint_id,
    parse_kind,
    serialize_properties,
)

_NOT_IN_KIND: Final = re.compile(r"[^a-z0-9_.]+")
_MILLISECONDS_FROM: Final = 100_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of an import by meaning; an empty name is none.

    Properties keep their column's name.
    """

    visitor: str
    time: str
    kind: str
    customer: str = ""
    subject: str = ""
    properties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that makes no sense, and which of its fields; what it says is not repeated."""

    number: int
    field: str


def read_records(file: TextIO, format: str) -> Iterator[Mapping[str, Any]]:
    """The rows of a file. Lines that are no JSON object come as an empty one."""
    if format == "csv":
        yield from csv.DictReader(file)
        return
    for line in file:
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError:
                record = {}
            yield record if isinstance(record, dict) else {}


def read_touchpoints(
    found: Iterable[Mapping[str, Any]],
    columns: Columns,
    *,
    source: str,
    channel: str,
    now: datetime,
) -> Iterator[Touchpoint | BadRow]:
    """A touchpoint for each record, or what is wrong with it; the first record has the number 1.

    Two records that say the same are one.
    """
    for number, record in enumerate(found, 1):
        try:
            yield _row(record, columns, source=source, channel=channel, now=now)
        except InvalidTouchpoint as error:
            yield BadRow(number, error.metadata.get("field", ""))


def _row(
    record: Mapping[str, Any], columns: Columns, *, source: str, channel: str, now: datetime
) -> Touchpoint:
    visitor, kind, at = (
        _text(record, name) for name in (columns.visitor, columns.kind, columns.time)
    )
    properties = {
        _property_name(name): _text(record, name)
        for name in columns.properties
        if _text(record, name)
    }
    subject, customer = _text(record, columns.subject), _text(record, columns.customer)
    if not visitor and not customer:
        raise InvalidTouchpoint(field="visitor")
    written = serialize_properties(properties)
    return Touchpoint(
        id=derive_touchpoint_id("import", source, visitor, customer, at, kind, subject, written),
        visitor_id=_id(visitor, source),
        guest_id=None,
        customer_id=_uuid(customer, "customer"),
        trace_id=None,
        occurred_at=parse_time(at),
        received_at=now,
        duration_ms=None,
        kind=parse_kind(_NOT_IN_KIND.sub("_", kind.strip().lower()).strip("_.")[:64]),
        source=Source.IMPORT.value,
        channel=channel,
        subject=clean_text(subject),
        properties=written,
    )


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name) if name else None
    if value is None or isinstance(value, list | dict):
        return ""
    return value if isinstance(value, str) else str(value)


def _property_name(column: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", column.strip().lower()).strip("_")[:40]


def _id(text: str, source: str) -> UUID | None:
    """Returns a visitor's UUID, or one derived from a foreign id, which is not stored."""
    if not text:
        return None
    if len(text) == 36:
        try:
            return UUID(text)
        except ValueError:
            pass
    return derive_touchpoint_id("visitor", source, text)


def _uuid(text: str, field: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise InvalidTouchpoint(field=field) from None


def parse_time(text: str) -> datetime:
    """Parses ISO 8601 (UTC without a zone), or seconds or milliseconds since 1970.

    Raises InvalidTouchpoint.
    """
    try:
        if text[:4].isdigit() and "-" in text:
            at = datetime.fromisoformat(text)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        number = float(text)
        return datetime.fromtimestamp(
            number / 1_000 if number >= _MILLISECONDS_FROM else number, UTC
        )
    except (ValueError, OverflowError, OSError):
        raise InvalidTouchpoint(field="time") from None
