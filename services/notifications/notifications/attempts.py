"""Attempts: each time that a mail was offered to the mail server, and what the server said."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.data.rows import Row
from chassis.data.tx import Read, Tx


class Outcome(StrEnum):
    BEGUN = "begun"
    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    IN_DOUBT = "in_doubt"


@dataclass(kw_only=True)
class Attempt(Row, table="attempt", key=("mail_id", "number")):
    """One offer. `code_class` is the first digit of the SMTP reply, 0 where there was none."""

    mail_id: UUID
    number: int
    begun_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome = Outcome.BEGUN
    code_class: int = 0


def begin(tx: Tx, mail_id: UUID) -> None:
    """Records with the commit an attempt as begun. One before it that never ended stays in doubt."""
    tx.later("UPDATE attempt SET outcome = 'in_doubt', ended_at = %s WHERE mail_id = %s AND outcome = 'begun'", [tx.now, mail_id])
    tx.later(
        "INSERT INTO attempt (mail_id, number, begun_at, outcome, code_class)"
        " SELECT %s, coalesce(max(number), 0) + 1, %s, 'begun', 0 FROM attempt WHERE mail_id = %s",
        [mail_id, tx.now, mail_id],
    )


def end(tx: Tx, mail_id: UUID, outcome: Outcome, code_class: int) -> None:
    """Ends with the commit the newest attempt, if it is begun or in doubt."""
    tx.later(
        "UPDATE attempt SET outcome = %s, code_class = %s, ended_at = %s WHERE mail_id = %s AND outcome IN ('begun', 'in_doubt')"
        " AND number = (SELECT max(number) FROM attempt WHERE mail_id = %s)",
        [outcome, code_class, tx.now, mail_id, mail_id],
    )


async def of(read: Read, mail_id: UUID) -> list[Attempt]:
    """The mail's attempts, oldest first."""
    return await read.find(Attempt, "WHERE mail_id = %s ORDER BY number", [mail_id])
