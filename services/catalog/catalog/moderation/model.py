"""States of what customers write beside products, and the rule of their approval."""

from enum import StrEnum
from typing import Protocol

from catalog.channels.model import ContributionApproval
from catalog.errors import InvalidModeration
from chassis.rpc.errors import VersionMismatch


class ModerationStatus(StrEnum):
    """States of what customers write."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


class Moderated(Protocol):
    """A row that staff moderate."""

    status: ModerationStatus
    reason: str
    version: int


def require_reason(status: ModerationStatus, reason: str) -> None:
    """Raises InvalidModeration unless a rejection, and nothing else, has a reason."""
    if (status is ModerationStatus.REJECTED) is not bool(reason):
        raise InvalidModeration("a rejection has a reason, and nothing else has", path="reason")


def set_status(row: Moderated, status: ModerationStatus, reason: str = "") -> None:
    """Sets the state of a row. Raises InvalidModeration as `require_reason` does."""
    require_reason(status, reason)
    row.status, row.reason = status, reason


def require_version(row: Moderated, expected_version: int) -> None:
    """Raises VersionMismatch; an `expected_version` of 0 accepts any version."""
    if expected_version not in (0, row.version):
        raise VersionMismatch("it changed meanwhile", version=row.version)


def status_at_first(approval: ContributionApproval, *, is_buyers: bool) -> ModerationStatus:
    """Returns the state in which a channel takes what a customer writes."""
    if approval is ContributionApproval.BUYERS and is_buyers:
        return ModerationStatus.APPROVED
    return ModerationStatus.PENDING


def status_after_change(row: Moderated, approval: ContributionApproval) -> ModerationStatus:
    """Returns the state that a buyer's text has once its author changed it.

    One that staff rejected waits for them in any case.
    """
    is_trusted = row.status is not ModerationStatus.REJECTED
    return status_at_first(approval, is_buyers=is_trusted)
