"""Columns of touchpoints between PostgreSQL's CSV, the files and a scan's batches."""

import binascii
from collections.abc import Sequence
from typing import Final, LiteralString

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv
from pydantic_core import from_json, to_json

from chassis.data.rows import columns_of
from journey.store.ids import bytes_of, column_of, spelled
from journey.touchpoints.model import TouchpointRow

_HEX: Final = 32
_NO_ID: Final = "0" * _HEX
TIME: Final = pa.timestamp("us", tz="UTC")
UUIDS: Final = (
    "person_id", "id", "visitor_id", "guest_id", "customer_id", "trace_id", "import_id",
)  # fmt: skip
TIMES: Final = ("occurred_at", "received_at")
SHORT: Final = ("bucket", "duration_ms", "sequence")
LONG: Final = ("amount_minor",)
# The columns of the files: the table's own, after the person and their bucket.
NAMES: Final = ("bucket", "person_id", *columns_of(TouchpointRow))
# Columns without a value for each touchpoint.
NULLABLE: Final = frozenset(
    {"visitor_id", "guest_id", "customer_id", "trace_id", "duration_ms", "amount_minor",
     "import_id"}
)  # fmt: skip


def select_of(name: str) -> str:
    """Returns the SQL of a column of `touchpoint t` as `read_csv` reads it."""
    if name in TIMES:
        return f"(extract(epoch FROM t.{name}) * 1000000)::bigint"
    return f"replace(t.{name}::text, '-', '')" if name in UUIDS else f"t.{name}"


def hex_of(expression: LiteralString) -> LiteralString:
    """Returns the SQL of a uuid as `read_csv` reads it."""
    return f"replace(({expression})::text, '-', '')"


def read_csv(block: bytes, names: Sequence[str]) -> pa.Table:
    """Returns the lines of a COPY as a table with the types of the files."""
    types = {name: _csv_type(name) for name in names}
    table = csv.read_csv(
        pa.BufferReader(block),
        read_options=csv.ReadOptions(column_names=list(names)),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    ).combine_chunks()
    return pa.table({name: _from_csv(name, column_of(table, name)) for name in names})


def _csv_type(name: str) -> pa.DataType:
    if name in SHORT:
        return pa.int32()
    return pa.int64() if name in LONG or name in TIMES else pa.string()


def _from_csv(name: str, column: pa.Array) -> pa.Array:
    if name in UUIDS:
        return ids_from_hex(column)
    if name in TIMES:
        return column.cast(TIME)
    return properties_of(column) if name == "properties" else column


def ids_from_hex(column: pa.Array) -> pa.Array:
    """Returns ids from texts of 32 hexadecimal digits."""
    filled = pc.fill_null(column, _NO_ID)
    begin = filled.offset * _HEX
    digits = filled.buffers()[2]
    raw = b"" if digits is None else bytes(digits)[begin : begin + len(filled) * _HEX]
    ids = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(filled), [None, pa.py_buffer(binascii.unhexlify(raw))]
    )
    if column.null_count:
        ids = pc.if_else(column.is_valid(), ids, pa.scalar(None, pa.binary(16)))
    return pa.ExtensionArray.from_storage(pa.uuid(), ids)


def texts_of_ids(ids: pa.Array) -> pa.Array:
    """Returns ids in their usual spelling; a missing one is null."""
    found = spelled(bytes_of(ids))
    return found if not ids.null_count else pc.if_else(ids.is_valid(), found, None)


def properties_of(documents: pa.Array) -> pa.Array:
    """Returns JSON objects as maps of texts, as `->>` reads them; null is left out."""
    encoded = documents.dictionary_encode()
    keys: list[str] = []
    values: list[str] = []
    offsets = [0]
    for document in encoded.dictionary.to_pylist():
        found = from_json(document)
        for key, value in found.items() if isinstance(found, dict) else ():
            if value is not None:
                keys.append(key)
                values.append(value if isinstance(value, str) else to_json(value).decode())
        offsets.append(len(keys))
    maps = pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(keys, pa.string()), pa.array(values, pa.string())
    )
    return maps.take(encoded.indices)
