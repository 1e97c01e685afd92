"""Files of touchpoints: batches to tables, and tables to the bytes of CSV and Parquet."""

import asyncio
import io
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv, parquet

from journey.exports.model import PERSON, TIME, ExportFormat, ExportOptions
from journey.questions.filters import Filter
from journey.store.batch import MISSING, ArrowTexts, Batch, Codes, Mask, Numbers, Texts
from journey.store.store import NUMBERS, TouchpointStore

_TIME: Final = pa.timestamp("us", tz="UTC")
# What strangers send, such as a search term, stands in the cells.
_FORMULA: Final = r"^([=+\-@\t\r])"


class TableFile(Protocol):
    """A file that is written table by table."""

    def add(self, table: pa.Table) -> bytes:
        """Returns the bytes that a table adds, or that were left by those before."""
        ...

    def close(self) -> bytes:
        """Returns the last bytes."""
        ...


def schema_of(options: ExportOptions) -> pa.Schema:
    """Returns the columns of a file with their types."""
    return pa.schema([(name, _type_of(name)) for name in options.columns])


def _type_of(name: str) -> pa.DataType:
    if name == TIME:
        return _TIME
    return pa.int64() if name in NUMBERS else pa.string()


async def scan_tables(
    store: TouchpointStore, chosen: Filter, options: ExportOptions
) -> AsyncGenerator[tuple[pa.Table, list[str]], None]:
    """Yields the chosen touchpoints of batch after batch, and whose they are."""
    async with aclosing(store.scan(chosen.wanted(options.read_columns))) as batches:
        async for batch in batches:
            yield await asyncio.to_thread(_chosen, batch, chosen, options)


def _chosen(batch: Batch, chosen: Filter, options: ExportOptions) -> tuple[pa.Table, list[str]]:
    counted = chosen.touchpoints(batch)
    return table_of(batch, counted, options), _people(batch, counted)[1]


def table_of(batch: Batch, counted: Mask, options: ExportOptions) -> pa.Table:
    """Returns the counted touchpoints of a batch as a table, in the batch's order."""
    places = np.flatnonzero(counted)
    columns = []
    for name in options.columns:
        if name == PERSON:
            codes, people = _people(batch, counted)
            columns.append(_texts(pa.array(people, pa.string()), codes))
        elif name == TIME:
            columns.append(pa.array(batch.at[places], pa.int64()).cast(_TIME))
        elif name in NUMBERS:
            numbers = batch.numbers[name][places]
            columns.append(pa.array(numbers, pa.int64(), mask=numbers == MISSING))
        else:
            texts = batch.texts[name]
            columns.append(_texts(_array_of(texts), texts.codes[places]))
    return pa.table(columns, schema=schema_of(options))


def _people(batch: Batch, counted: Mask) -> tuple[Numbers, list[str]]:
    """Returns whose the counted touchpoints are, as places in the ids beside it."""
    places, codes = np.unique(batch.person[counted], return_inverse=True)
    return codes.reshape(-1), [batch.people[place] for place in places.tolist()]


def _array_of(texts: Texts) -> pa.Array:
    if isinstance(texts.values, ArrowTexts):
        return texts.values.array
    return pa.array(list(texts.values), pa.string())


def _texts(values: pa.Array, codes: Numbers | Codes) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes), values).cast(pa.string())


def open_file(options: ExportOptions) -> TableFile:
    """Returns an empty file of the form and the columns of an export."""
    if options.format is ExportFormat.PARQUET:
        return _ParquetFile(schema_of(options))
    return _CsvFile(schema_of(options))


class _Taken(io.RawIOBase):
    """A file whose bytes are taken as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._left, self._written = bytearray(), 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:  # The name is that of files.
        return self._written

    # The types of io know no writer of bytes alone.
    def write(self, content: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._left += content
        self._written += len(content)
        return len(content)

    def take(self) -> bytes:
        taken = bytes(self._left)
        self._left.clear()
        return taken


class _CsvFile:
    """Text that a spreadsheet would run as a formula begins with an apostrophe (OWASP)."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = _Taken()
        self._times = [name for name in schema.names if schema.field(name).type == _TIME]
        shown = pa.schema(
            [
                pa.field(each.name, pa.string() if each.name in self._times else each.type)
                for each in schema
            ]
        )
        self._texts = [each.name for each in shown if pa.types.is_string(each.type)]
        self._writer = csv.CSVWriter(self._sink, shown)

    def add(self, table: pa.Table) -> bytes:
        for name in self._times:
            place = table.column_names.index(name)
            moments = np.datetime_as_string(
                table[name].to_numpy().astype("datetime64[us]"), timezone="UTC"
            )
            table = table.set_column(place, name, pa.array(moments.tolist(), pa.string()))
        for name in self._texts:
            place = table.column_names.index(name)
            plain = pc.replace_substring_regex(table[name], _FORMULA, r"'\1")
            table = table.set_column(place, name, plain)
        self._writer.write_table(table)
        return self._sink.take()

    def close(self) -> bytes:
        self._writer.close()
        return self._sink.take()


class _ParquetFile:
    def __init__(self, schema: pa.Schema) -> None:
        self._sink = _Taken()
        self._writer = parquet.ParquetWriter(self._sink, schema, compression="zstd")

    def add(self, table: pa.Table) -> bytes:
        if len(table):
            self._writer.write_table(table)
        return self._sink.take()

    def close(self) -> bytes:
        self._writer.close()
        return self._sink.take()
