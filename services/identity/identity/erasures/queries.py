"""Reads of erasures."""

from uuid import UUID

from chassis.data.tx import Read
from identity.erasures.model import Erasure


async def find_erasure(read: Read, customer_id: UUID) -> Erasure | None:
    """Returns the erasure of an account; None where there was none."""
    return await read.get(Erasure, customer_id)
