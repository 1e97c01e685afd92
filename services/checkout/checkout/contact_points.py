"""Contact points at which staff place orders for buyers."""

from enum import StrEnum
from uuid import UUID

from chassis.rpc.auth import Caller


class ContactPoint(StrEnum):
    """Place at which the staff and the buyer speak with each other."""

    POS = "pos"
    CALL_CENTER = "call_center"


def contact_of(caller: Caller) -> tuple[UUID | None, ContactPoint | None]:
    """Returns the member of the staff who acts in the place of a buyer, and where.

    Both are None for a buyer who acts by themselves.
    """
    if caller.acted_by is None:
        return None, None
    return caller.acted_by, ContactPoint(caller.acted_via)


def is_at_till(caller: Caller) -> bool:
    """Returns whether the buyer stands before the till of a member of the staff who calls."""
    return caller.acted_by is not None and caller.acted_via == ContactPoint.POS
