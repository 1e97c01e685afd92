"""Delegations: a shopper, and how the staff speak with them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from identity.credentials.model import SubjectKind


class ContactPoint(StrEnum):
    """Place at which the staff and the shopper speak with each other."""

    POS = "pos"
    CALL_CENTER = "call_center"


@dataclass(frozen=True, slots=True)
class Delegation:
    """The shopper in whose place a member of the staff acts."""

    kind: SubjectKind
    shopper_id: UUID
    via: ContactPoint
