"""Accounts that were erased."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Field, Row, code, states


class ErasedBy(StrEnum):
    """The party that asked for an erasure."""

    CUSTOMER = "customer"
    STAFF = "staff"


class Erasure(Row, table=True):
    """An account that was erased: its id and nothing else of its owner.

    It answers a second request, and proves the erasure to an authority.
    """

    __tablename__ = "erasure"
    __table_args__ = (states("erased_by", ErasedBy),)

    customer_id: UUID = Field(primary_key=True)
    erased_by: ErasedBy = code(ErasedBy)
    erased_at: datetime
