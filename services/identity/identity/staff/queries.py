"""Reads of staff members."""

from uuid import UUID

from chassis.data.tx import Read
from identity.staff.model import SCOPES_OF_ROLE, Staff


async def get_staff_scopes(read: Read, staff_id: UUID) -> frozenset[str] | None:
    """Returns the scopes of a staff member's role, or None if there is no such staff member."""
    member = await read.get(Staff, staff_id)
    return SCOPES_OF_ROLE[member.role] if member else None
