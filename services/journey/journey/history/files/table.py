"""The Apache Iceberg table of old touchpoints: where it is, its files and its snapshots.

Everything here blocks: call it in a thread. One process changes the table at a time.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cachetools import LRUCache
from pyarrow import fs
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.conversions import from_bytes
from pyiceberg.io.pyarrow import parquet_files_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.transforms import YearTransform
from pyiceberg.types import TimestamptzType

from journey.history.files.columns import NAMES
from journey.history.files.order import (
    ROWS_A_GROUP,
    by_person,
    first_keys_in,
    first_keys_of,
    groups_with,
    told_of,
)
from journey.history.files.schema import (
    ARROW,
    ENCODING,
    MONTH_OF_OLD,
    OPTIONS,
    SCHEMA,
    SPEC,
    TEXTS,
    TIME_FIELD,
    with_schema,
)
from journey.store.ids import Words, column_of, keys_of_bytes

CATALOG: Final = "journey"
NAMESPACE: Final = "journey"
TABLE: Final = f"{NAMESPACE}.touchpoint"
_SCHEMA_OF_CATALOG: Final = "iceberg"
# pyiceberg's threads share an evaluator that holds the manifest it looks at: with more than one, a
# commit now and then does not find the files that it removes, and is refused. Read at first use.
os.environ["PYICEBERG_MAX_WORKERS"] = "1"
# Rows of one person lie together somewhere in a group.
_ROWS_DECODED_AT_ONCE: Final = 4096
# Groups of rows of a file that are changed at once.
_GROUPS_AT_ONCE: Final = 3
# Footers that are kept: about 2 KB for each of their groups of rows.
MOST_FOOTERS: Final = 512


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of one bucket and year, its rows and the times of its first and last touchpoint."""

    data: DataFile
    bucket: int
    rows: int
    first_at: int
    last_at: int

    @property
    def path(self) -> str:
        return self.data.file_path

    @property
    def first_month(self) -> tuple[int, int]:
        """Returns the year and month of its first touchpoint."""
        first = datetime.fromtimestamp(self.first_at // 1_000_000, UTC)
        return first.year, first.month


@dataclass(frozen=True, slots=True)
class OpenFile:
    """Columns of a file, texts as dictionaries. Its rows lie in groups.

    A file of an earlier release has no `first_keys`: its people are in another order.
    """

    file: pq.ParquetFile
    names: list[str]
    first_keys: Words | None

    def read(self, groups: range | None = None) -> pa.Table:
        """Returns the rows of groups, or of all, in the order of people.

        Reads in the caller's thread alone.
        """
        chosen = range(self.file.num_row_groups) if groups is None else groups
        found = self.file.read_row_groups(list(chosen), columns=self.names, use_threads=False)
        rows = found.select(self.names).unify_dictionaries()
        return by_person(rows) if self.first_keys is None else rows


class HistoryTable:
    """The table at a location: a folder, or `s3://bucket/prefix`. Opened by its first use.

    `database_url` is of the journey's own database, which keeps the catalogue.
    """

    def __init__(self, location: str, database_url: str) -> None:
        self.location = location if "://" in location else Path(location).absolute().as_uri()
        self._url = database_url
        self._catalog: SqlCatalog | None = None
        self._lock = threading.Lock()
        self._files: tuple[int, list[HistoryFile]] = (0, [])
        # A file never changes: what its footer says is read once.
        self._footers: LRUCache[str, pq.FileMetaData] = LRUCache(MOST_FOOTERS)
        self._footers_lock = threading.Lock()
        self._io: fs.FileSystem | None = None
        # Arrow decodes without the lock of Python; pyiceberg's own threads stay one, see above.
        self.readers = ThreadPoolExecutor(os.cpu_count() or 1, "history")

    @property
    def catalog(self) -> SqlCatalog:
        """The catalogue, in the schema `iceberg` of the journey's database."""
        with self._lock:
            if self._catalog is None:
                scheme, _, rest = self._url.partition("://")
                joiner = "&" if "?" in rest else "?"
                options = quote(f"-csearch_path={_SCHEMA_OF_CATALOG} -ctimezone=UTC")
                self._catalog = SqlCatalog(
                    CATALOG,
                    uri=f"{scheme}+psycopg://{rest}{joiner}options={options}",
                    warehouse=self.location,
                    pool_pre_ping="true",
                    init_catalog_tables="false",
                )
            return self._catalog

    def close(self) -> None:
        """Ends the connections to the catalogue, and the threads."""
        self.readers.shutdown(cancel_futures=True)
        if self._catalog is not None:
            self._catalog.close()
            self._catalog = None

    def load(self) -> Table:
        """Returns the table as the catalogue has it now."""
        return self.catalog.load_table(TABLE)

    def create_empty(self) -> int:
        """Makes the table anew, without rows, and returns its first snapshot."""
        self.catalog.create_namespace_if_not_exists(NAMESPACE)
        if self.catalog.table_exists(TABLE):
            self.catalog.drop_table(TABLE)
        table = self.catalog.create_table(
            TABLE, SCHEMA, location=f"{self.location}/touchpoint", partition_spec=SPEC,
            properties=OPTIONS,
        )  # fmt: skip
        return self.commit(table, added=[], removed=[], properties={})

    def load_at(self, snapshot_id: int) -> Table:
        """Returns the table at the snapshot that holds; a later one was left by a crash."""
        table = self.load()
        current = table.current_snapshot()
        if current is not None and current.snapshot_id != snapshot_id:
            table.manage_snapshots().rollback_to_snapshot(snapshot_id).commit()
            table = self.load()
        if MONTH_OF_OLD in {field.name for field in table.spec().fields}:
            with table.update_spec() as change:
                change.remove_field(MONTH_OF_OLD)
                change.add_field("occurred_at", YearTransform(), "occurred_year")
            table = self.load()
        return table

    def files_at(self, snapshot_id: int) -> list[HistoryFile]:
        """Returns the files of a snapshot, by bucket and time."""
        known, files = self._files
        if known == snapshot_id:
            return files
        found = self.load().scan(snapshot_id=snapshot_id).plan_files()
        files = sorted(
            (_file_of(task.file) for task in found), key=lambda one: (one.bucket, one.first_at)
        )
        self._files = (snapshot_id, files)
        return files

    def write(self, table: Table, rows: pa.Table) -> list[DataFile]:
        """Writes rows in the order of people, and commits nothing.

        A person's rows stay in their order. Each bucket and month has a file.
        """
        month = pc.strftime(rows["occurred_at"], format="%Y%m")
        keys = pc.binary_join_element_wise(rows["bucket"].cast(pa.string()), month, "-")
        files = []
        for key in pc.unique(keys).to_pylist():
            files += self.write_file(table, [by_person(rows.filter(pc.equal(keys, key)))])
        return files

    def write_file(self, table: Table, parts: Iterable[pa.Table]) -> list[DataFile]:
        """Writes rows of one bucket and year, one part after the other, and commits nothing.

        The parts are in the order of people. Returns no file where there are no rows.
        """
        path = f"{table.location()}/data/{uuid4()}.parquet"
        firsts: list[Words] = []
        with (
            table.io.new_output(path).create() as stream,
            pq.ParquetWriter(stream, ARROW, **ENCODING) as writer,
        ):
            for rows in parts:
                if len(rows):
                    firsts.append(first_keys_in(rows))
                    writer.write_table(with_schema(rows), row_group_size=ROWS_A_GROUP)
            writer.add_key_value_metadata(told_of(firsts))
        if not firsts:
            table.io.delete(path)
            return []
        return list(parquet_files_to_data_files(table.io, table.metadata, iter([path])))

    def parts_of(self, path: str, names: Sequence[str] = NAMES) -> Iterator[pa.Table]:
        """Yields columns of a file, some groups of rows at a time, in the order of people.

        Raises FileNotFoundError.
        """
        opened = self.open(path, names)
        if opened.first_keys is None:
            yield opened.read()
            return
        for begin in range(0, opened.file.num_row_groups, _GROUPS_AT_ONCE):
            yield opened.read(
                range(begin, min(begin + _GROUPS_AT_ONCE, opened.file.num_row_groups))
            )

    def commit(
        self,
        table: Table,
        *,
        added: Iterable[DataFile],
        removed: Iterable[DataFile],
        properties: dict[str, str],
    ) -> int:
        """Makes a snapshot with files added and removed, and returns its id."""
        with table.transaction() as transaction:
            update = transaction.update_snapshot(snapshot_properties=properties)
            leaving = list(removed)
            with update.overwrite() if leaving else update.fast_append() as change:
                for file in added:
                    change.append_data_file(file)
                for file in leaving:
                    change.delete_data_file(file)
        snapshot = table.current_snapshot()
        assert snapshot is not None
        return snapshot.snapshot_id

    def open(self, path: str, names: Sequence[str]) -> "OpenFile":
        """Returns a file from which columns are read. Raises FileNotFoundError."""
        with self._footers_lock:
            footer = self._footers.get(path)
        stream = self.io.open_input_file(self._local(path))
        texts = sorted(TEXTS.intersection(names))
        # What is far away is asked for at once; what is near is read as it is decoded.
        is_far = not isinstance(self.io, fs.LocalFileSystem)
        file = pq.ParquetFile(stream, metadata=footer, read_dictionary=texts, pre_buffer=is_far)
        if footer is None:
            with self._footers_lock:
                self._footers[path] = file.metadata
        return OpenFile(file, list(names), first_keys_of(file.metadata.metadata))

    def read_people(self, path: str, people: pa.Array) -> pa.Table | None:
        """Returns the rows of people by their ids; None without any. Raises FileNotFoundError.

        Reads the ids of the groups that may have some, and the rest of those that do.
        """
        found = []
        keys, _ = keys_of_bytes(b"".join(people.to_pylist()))
        # Texts stay dictionaries until the rows are chosen: few of them are decoded.
        opened = self.open(path, NAMES)
        file, firsts = opened.file, opened.first_keys
        groups = range(file.num_row_groups) if firsts is None else groups_with(firsts, keys)
        for group in groups:
            ids = file.read_row_group(group, columns=["person_id"], use_threads=False)
            chosen = pc.is_in(column_of(ids, "person_id").storage, value_set=people)
            if pc.any(chosen).as_py():
                found.append(with_schema(_chosen_of(file, group, chosen)))
        return pa.concat_tables(found).combine_chunks() if found else None

    @property
    def io(self) -> fs.FileSystem:
        """The file system of the location."""
        if self._io is None:
            self._io = fs.FileSystem.from_uri(self.location)[0]
        return self._io

    def _local(self, path: str) -> str:
        return path.partition("://")[2]

    def expire(self, *, keeps: timedelta) -> int:
        """Forgets all snapshots but the newest; deletes files that none needs and that are older.

        Returns how many files it deleted.
        """
        table = self.load()
        current = table.current_snapshot()
        old = [one.snapshot_id for one in table.snapshots() if one != current]
        if old:
            table.maintenance.expire_snapshots().by_ids(old).commit()
            table = self.load()
        needed = {self._local(path) for path in _needed_files(table)}
        root = self._local(table.location())
        before = datetime.now(UTC) - keeps
        deleted = 0
        for found in self.io.get_file_info(fs.FileSelector(root, recursive=True)):
            if found.type == fs.FileType.File and found.path not in needed and found.mtime < before:
                self.io.delete_file(found.path)
                deleted += 1
        return deleted


def _needed_files(table: Table) -> set[str]:
    """Returns all files that the table's metadata name."""
    needed = {table.metadata_location, *(log.metadata_file for log in table.metadata.metadata_log)}
    for snapshot in table.snapshots():
        needed.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            needed.add(manifest.manifest_path)
            needed |= {
                entry.data_file.file_path
                for entry in manifest.fetch_manifest_entry(table.io, discard_deleted=True)
            }
    return needed


def _chosen_of(file: pq.ParquetFile, group: int, chosen: pa.Array) -> pa.Table:
    """Returns the chosen rows of a group, of which there are some; decodes none behind them."""
    places = np.flatnonzero(chosen.to_numpy(zero_copy_only=False))
    begin, end = int(places[0]), int(places[-1]) + 1
    decoded, batches = 0, []
    for batch in file.iter_batches(_ROWS_DECODED_AT_ONCE, row_groups=[group], use_threads=False):
        decoded += len(batch)
        if decoded > begin:
            batches.append(batch)
        if decoded >= end:
            break
    rows = pa.Table.from_batches(batches)
    first = decoded - len(rows)
    # Rows that lie together are not copied.
    if end - begin == len(places):
        return rows.slice(begin - first, end - begin)
    return rows.filter(chosen.slice(first, len(rows)))


def _file_of(data: DataFile) -> HistoryFile:
    first, last = (
        int(from_bytes(TimestamptzType(), bounds[TIME_FIELD]))
        for bounds in (data.lower_bounds, data.upper_bounds)
    )
    return HistoryFile(data, data.partition[0], data.record_count, first, last)
