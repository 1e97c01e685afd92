"""Use cases that reviews, questions and answers share: a decision of staff, and votes."""

from dataclasses import dataclass
from typing import LiteralString, Protocol
from uuid import UUID

from catalog.moderation.model import Moderated, ModerationStatus, require_version, set_status
from chassis.data.audit import record_audit
from chassis.data.rows import Row
from chassis.data.tx import Tx


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of staff about what a customer wrote."""

    status: ModerationStatus
    reason: str
    actor_id: UUID | None = None
    expected_version: int = 0

    def changes(self, row: Moderated) -> bool:
        """Returns whether it changes a row. Raises VersionMismatch."""
        require_version(row, self.expected_version)
        return (row.status, row.reason) != (self.status, self.reason)

    def apply(self, row: Moderated) -> ModerationStatus:
        """Sets the state of a row, and returns the one before. Raises InvalidModeration."""
        before = row.status
        set_status(row, self.status, self.reason)
        return before

    def record(
        self, tx: Tx, action: str, subject: str, before: ModerationStatus, row: Moderated
    ) -> None:
        """Writes the audit row of a decision that changed a row."""
        record_audit(
            tx,
            self.actor_id,
            action,
            subject,
            before={"status": before.value},
            after={"status": row.status.value, "version": row.version},
        )


class Voted(Protocol):
    """A row on which customers vote. Votes are counted without a new version."""

    id: UUID
    helpful: int
    unhelpful: int


@dataclass(frozen=True, slots=True)
class VoteTable:
    """The table of votes on one kind of rows. `subject` is its column of the row's id.

    `count` adds to the counts of a row: (helpful, unhelpful, id).
    """

    row: type[Row]
    subject: str
    count: LiteralString


async def change_vote(
    tx: Tx, table: VoteTable, row: Voted, customer_id: UUID, *, is_helpful: bool | None
) -> None:
    """Sets or, for None, withdraws a customer's vote on a locked row. Idempotent."""
    before = await tx.lock(table.row, row.id, customer_id)
    was: bool | None = getattr(before, "is_helpful", None)
    if was is is_helpful:
        return
    if is_helpful is None:
        assert before is not None
        await tx.delete(before)
    else:
        vote = table.row(
            **{table.subject: row.id, "customer_id": customer_id, "is_helpful": is_helpful}
        )
        await tx.upsert_many(table.row, [vote])
    helpful = (is_helpful is True) - (was is True)
    unhelpful = (is_helpful is False) - (was is False)
    await tx.run(table.count, [helpful, unhelpful, row.id])
    row.helpful += helpful
    row.unhelpful += unhelpful
