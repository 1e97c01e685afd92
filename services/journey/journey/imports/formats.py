"""Records of CSV, JSON Lines and Parquet files, with their line numbers."""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple, Protocol, TextIO

import pyarrow
import pyarrow.parquet

from journey.imports.inputs import (
    BROKEN,
    UnreadableFile,
    decoded,
    decompressed,
    format_of,
    seekable,
)
from journey.imports.model import Format, Refusal

Record = Mapping[str, object]
MOST_FIELD: Final = 8 * 1024 * 1024
# Records that are looked at before the first is stored, to know which columns there are.
LOOKED_AT: Final = 1_000
_MOST_ARRAY: Final = 256 * 1024 * 1024
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NESTED: Final = 6
# Reading stops at these.
_UNREADABLE: Final = (UnicodeDecodeError, *BROKEN)


class Line(NamedTuple):
    """A record and the number of its line; of Parquet files the number of its row."""

    number: int
    record: Record


@dataclass(slots=True)
class Source:
    """A file as records. `columns` are the names that it has, dotted where they are nested.

    `is_complete` is true where no other column can come later. `notes` say how it is read.
    """

    lines: Iterator[Line | Refusal]
    columns: list[str]
    is_complete: bool
    notes: list[str] = field(default_factory=list)


def read_source(file: BinaryIO, asked: Format, *, encoding: str, delimiter: str) -> Source:
    """Returns the records of a file. Raises UnreadableFile, also while they are read."""
    content = decompressed(file)
    match format_of(content, asked):
        case Format.PARQUET:
            return _parquet(seekable(content))
        case Format.JSONL:
            return _json_lines(decoded(content, encoding))
        case _:
            return _csv(decoded(content, encoding), delimiter)


def _csv(text: TextIO, delimiter: str) -> Source:
    first = next(_texts(text), "")
    if not first.strip():
        raise UnreadableFile("the file is empty")
    mark = delimiter or _delimiter_of(first)
    if len(mark) != 1:
        raise UnreadableFile("a delimiter is one character")
    csv.field_size_limit(MOST_FIELD)
    rows = csv.reader(itertools.chain([first], text), delimiter=mark, strict=False)
    try:
        header = [name.strip() for name in next(rows)]
    except csv.Error as error:
        raise UnreadableFile(f"line 1: {error}") from None
    except _UNREADABLE as error:
        raise _broken_at(rows.line_num, error) from None
    if doubled := sorted({name for name in header if name and header.count(name) > 1}):
        raise UnreadableFile(f"columns that are there twice: {', '.join(doubled)}")
    named = [name for name in header if name]
    notes = [f"CSV, parted by {_DELIMITERS.get(mark, repr(mark))}, {len(named)} columns"]
    return Source(_csv_lines(rows, header), named, True, notes)


class _Rows(Protocol):
    """A reader of the module csv. `line_num` counts the lines that it has read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...


def _csv_lines(rows: _Rows, header: list[str]) -> Iterator[Line | Refusal]:
    width = len(header)
    while True:
        number = rows.line_num + 1
        try:
            for row in rows:
                if not (row and row[0].strip()) and not any(cell.strip() for cell in row):
                    pass
                elif len(row) > width and any(row[width:]):
                    reason = f"{len(row)} fields, but the header has {width}"
                    yield Refusal(number, "line", "", "", reason)
                else:
                    yield Line(number, dict(zip(header, row, strict=False)))
                number = rows.line_num + 1
        except csv.Error as error:
            reason = "a field is longer than 8 MiB" if "limit" in str(error) else str(error)
            yield Refusal(number, "line", "", "", reason)
        except _UNREADABLE as error:
            raise _broken_at(rows.line_num, error) from None
        else:
            return


def _delimiter_of(header: str) -> str:
    outside = "".join(header.split('"')[::2])
    best = max(_DELIMITERS, key=outside.count)
    return best if best in outside else ","


def _json_lines(text: TextIO) -> Source:
    lines = _texts(text)
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise UnreadableFile("the file is empty")
    if first.lstrip().startswith("["):
        found = _array(itertools.chain([first], lines))
        kind = "JSON array"
    else:
        found = _objects(itertools.chain([first], lines))
        kind = "JSON Lines"
    looked_at = list(itertools.islice(found, LOOKED_AT))
    columns = list(
        dict.fromkeys(
            name
            for line in looked_at
            if isinstance(line, Line)
            for name in column_names(line.record)
        )
    )
    is_complete = len(looked_at) < LOOKED_AT
    return Source(itertools.chain(looked_at, found), columns, is_complete, [kind])


def _objects(lines: Iterable[str]) -> Iterator[Line | Refusal]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):
            yield Refusal(number, "line", "", text.strip()[:60], "no JSON")
            continue
        yield _object(number, record)


def _array(lines: Iterable[str]) -> Iterator[Line | Refusal]:
    parts, size = list[str](), 0
    for part in lines:
        size += len(part)
        if size > _MOST_ARRAY:
            raise UnreadableFile("a JSON array of more than 256 MiB: write a line for each record")
        parts.append(part)
    try:
        records = json.loads("".join(parts))
    except (ValueError, RecursionError):
        raise UnreadableFile("no JSON array: it is broken or cut off") from None
    for number, record in enumerate(records, 1):
        yield _object(number, record)


def _object(number: int, record: object) -> Line | Refusal:
    if isinstance(record, dict):
        return Line(number, record)
    return Refusal(number, "line", "", "", "no JSON object")


def _parquet(file: BinaryIO) -> Source:
    try:
        table = pyarrow.parquet.ParquetFile(file)
        names = list(_parquet_names(table.schema_arrow))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UnreadableFile(f"no Parquet file: {str(error)[:200]}") from None

    def rows() -> Iterator[Line | Refusal]:
        number = 0
        try:
            for batch in table.iter_batches(batch_size=2_000):
                for record in batch.to_pylist():
                    number += 1
                    yield Line(number, record)
        except (pyarrow.ArrowException, OSError) as error:
            raise UnreadableFile(f"row {number + 1}: {str(error)[:200]}") from None

    return Source(rows(), names, True, [f"Parquet, {len(table.schema_arrow)} columns"])


def _parquet_names(columns: Iterable[pyarrow.Field], before: str = "") -> Iterator[str]:
    """Yields the names of columns, and of the fields inside structs dotted."""
    for one in columns:
        name = f"{before}{one.name}"
        yield name
        if pyarrow.types.is_struct(one.type):
            yield from _parquet_names(one.type, f"{name}.")


def _texts(text: TextIO) -> Iterator[str]:
    """Yields lines. Raises UnreadableFile for bytes that are no text, and where gzip ends early."""
    number = 0
    try:
        for line in text:
            number += 1
            yield line
    except _UNREADABLE as error:
        raise _broken_at(number, error) from None


def _broken_at(lines_before: int, error: Exception) -> UnreadableFile:
    if not isinstance(error, UnicodeDecodeError):
        return UnreadableFile(f"after line {lines_before}: the gzip file is broken or cut off")
    byte = error.object[error.start]
    # The file is decoded in blocks, of which none of the lines has come yet.
    number = lines_before + 1 + error.object[: error.start].count(b"\n")
    return UnreadableFile(
        f"line {number}: byte 0x{byte:02x} is no {error.encoding}: "
        "give --encoding, such as cp1252, or save the file as UTF-8"
    )


def column_names(record: Record, before: str = "", depth: int = 0) -> Iterator[str]:
    """Yields the names of a record's values, dotted where they are nested."""
    for name, value in record.items():
        yield f"{before}{name}"
        if isinstance(value, dict) and depth < _NESTED:
            yield from column_names(value, f"{before}{name}.", depth + 1)


def value_at(record: Record, column: str) -> object:
    """Returns the value of a column; a dotted name reaches into nested documents."""
    if column in record:
        return record[column]
    first, dot, rest = column.partition(".")
    while dot:
        value = record.get(first)
        if isinstance(value, dict):
            return value_at(value, rest)
        step, dot, rest = rest.partition(".")
        first = f"{first}.{step}"
    return None
