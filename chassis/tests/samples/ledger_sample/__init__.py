"""A service with one table, to test the chassis on."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Field, Row, code, document, minor, states


class Kind(StrEnum):
    DEBIT = "debit"
    CREDIT = "credit"


class Entry(Row, table=True):
    """An entry of a ledger."""

    __tablename__ = "entry"
    __table_args__ = (states("kind", Kind),)

    id: UUID = Field(primary_key=True)
    kind: Kind = code(Kind)
    note: str | None = None
    labels: dict[str, str] = document(dict[str, str])
    amount_minor: int = minor()
    at: datetime
    version: int = Field(default=1)
