"""Parting a browser from the person that it was taken for, and joining it again."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from journey.errors import InvalidQuestion
from journey.people.model import Separation, find_customers, lock_people, regroup_people


async def separate_handle(tx: Tx, handle_id: UUID, *, actor_id: UUID) -> None:
    """Parts a visitor's or guest's id from all that it was seen with, until it is rejoined.

    What was done there while signed in stays the customer's. Idempotent. Raises InvalidQuestion for
    a customer's id, which names a person for good.
    """
    if await find_customers(tx, [handle_id]):
        raise InvalidQuestion("a customer is one person", field="handle_id")
    await lock_people(tx)
    if await tx.get(Separation, handle_id) is not None:
        return
    await tx.insert(Separation(handle_id=handle_id, separated_by=actor_id, separated_at=tx.now))
    await regroup_people(tx, [handle_id])
    record_audit(tx, actor_id, "separate_handle", f"handle:{handle_id}", before=None, after=None)


async def rejoin_handle(tx: Tx, handle_id: UUID, *, actor_id: UUID) -> None:
    """Joins a visitor's or guest's id with what it was and is seen with. Idempotent."""
    await lock_people(tx)
    found = await tx.get(Separation, handle_id)
    if found is None:
        return
    await tx.delete(found)
    await regroup_people(tx, [handle_id])
    record_audit(tx, actor_id, "rejoin_handle", f"handle:{handle_id}", before=None, after=None)
