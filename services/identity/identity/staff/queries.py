"""Reads of staff members."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from identity.staff.model import SCOPES_OF_ROLE, Staff

_BY_EMAIL: Final = prepare(
    select(Staff)
    .where(col(Staff.email) > bindparam("after"))
    .order_by(col(Staff.email))
    .limit(bindparam("limit"))
)


async def get_staff_scopes(read: Read, staff_id: UUID) -> frozenset[str] | None:
    """Returns the scopes of a staff member's role, or None if there is no such staff member."""
    member = await read.get(Staff, staff_id)
    return SCOPES_OF_ROLE[member.role] if member else None


async def list_staff(read: Read, *, after: str, limit: int) -> list[Staff]:
    """Returns staff members by e-mail address, those after an address; "" is before all."""
    return await read.all(_BY_EMAIL, after=after, limit=limit)
