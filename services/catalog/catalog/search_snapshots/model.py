"""Snapshots of the search index, as the database keeps them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import LargeBinary

from chassis.data.rows import Field, Row, column, counter, document


class SnapshotFile(NamedTuple):
    """A file of the index. `digest` is its BLAKE2b in hexadecimal digits."""

    name: str
    digest: str
    size_bytes: int


class IndexedCategory(NamedTuple):
    """A category as the products of a snapshot were indexed in it."""

    id: UUID
    parent_id: UUID | None
    slug: str
    name: dict[str, str]


class SearchSnapshot(Row, table=True):
    """An index as a replica had it, one for each form of index.

    It has all changes of transactions below `position`, and may have later ones. `server` is the
    database server whose transactions these are. `skipped` are products that could not be indexed.
    """

    __tablename__ = "search_snapshot"

    form: str = Field(primary_key=True)
    server: str
    position: int = counter()
    products: int = counter()
    files: list[SnapshotFile] = document(list[SnapshotFile])
    categories: list[IndexedCategory] = document(list[IndexedCategory])
    skipped: list[UUID] = document(list[UUID])
    taken_at: datetime


class SearchSnapshotPart(Row, table=True):
    """A piece of a file, by the file's digest: snapshots share the files that they share."""

    __tablename__ = "search_snapshot_part"

    digest: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    content: bytes = column(LargeBinary)
