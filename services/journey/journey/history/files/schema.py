"""Schema of old touchpoints: types and partitions, and the encoding of each column."""

from typing import Any, Final

import pyarrow as pa
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform, YearTransform
from pyiceberg.types import (
    IcebergType,
    IntegerType,
    LongType,
    MapType,
    NestedField,
    StringType,
    TimestamptzType,
    UUIDType,
)

from journey.history.files.columns import LONG, NAMES, NULLABLE, SHORT, TIMES, UUIDS
from journey.store.ids import column_of

_KEYS_OF_MAP: Final = len(NAMES) + 1
# Bounds of these columns only: those of ids would keep ids of erased people in the manifests.
_METRICS: Final = {
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.bucket": "full",
    "write.metadata.metrics.column.occurred_at": "full",
}
OPTIONS: Final = {
    "format-version": "2",
    "write.parquet.compression-codec": "zstd",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "4",
    **_METRICS,
}


# Ids and times repeat too little for a dictionary or zstd to save a tenth of them; they are read
# three times as fast so, by every scan or, for one person, traces and times of receipt.
_PLAIN: Final = frozenset({"id", "person_id", "occurred_at", "received_at", "trace_id"})
# Ids that repeat from row to row: zstd alone makes them smaller than a dictionary does, and they
# are read in half its time.
_REPEATED: Final = frozenset({"visitor_id", "guest_id", "customer_id", "import_id"})
# Columns of few values are small by their dictionaries: zstd saves nothing, and costs a quarter of
# reading a small file.
_FEW_VALUES: Final = frozenset(
    {"bucket", "kind", "source", "channel", "outcome", "device", "currency", "amount_minor",
     "sequence"}
)  # fmt: skip


def _type_of(name: str) -> IcebergType:
    if name in UUIDS:
        return UUIDType()
    if name in TIMES:
        return TimestamptzType()
    if name in LONG:
        return LongType()
    if name == "properties":
        return MapType(_KEYS_OF_MAP, StringType(), _KEYS_OF_MAP + 1, StringType())
    return IntegerType() if name in SHORT else StringType()


SCHEMA: Final = Schema(
    *(
        NestedField(number, name, _type_of(name), required=name not in NULLABLE)
        for number, name in enumerate(NAMES, start=1)
    )
)
_LEAVES: Final = (
    *(name for name in NAMES if name != "properties"),
    "properties.key_value.key", "properties.key_value.value",
)  # fmt: skip
ENCODING: Final[dict[str, Any]] = {
    "compression": {name: "none" if name in _PLAIN | _FEW_VALUES else "zstd" for name in _LEAVES},
    "use_dictionary": [name for name in _LEAVES if name not in _PLAIN | _REPEATED],
}
TEXTS: Final = frozenset(name for name in NAMES if isinstance(_type_of(name), StringType))
TIME_FIELD: Final = SCHEMA.find_field("occurred_at").field_id
SPEC: Final = PartitionSpec(
    PartitionField(1, 1000, IdentityTransform(), "bucket"),
    PartitionField(TIME_FIELD, 1001, YearTransform(), "occurred_year"),
)
# Tables of earlier releases were partitioned by it.
MONTH_OF_OLD: Final = "occurred_month"
ARROW: Final = schema_to_pyarrow(SCHEMA, include_field_ids=True)


def with_schema(rows: pa.Table) -> pa.Table:
    """Returns all columns of rows as the files have them."""
    columns = []
    for field in ARROW:
        column = column_of(rows, field.name)
        columns.append(column if column.type == field.type else column.cast(field.type))
    return pa.Table.from_arrays(columns, schema=ARROW)
