"""Attempts: each time that a mail was offered to the mail server, and what the server said."""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.data.rows import Field, Row, code, states
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx


class Outcome(StrEnum):
    BEGUN = "begun"
    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    IN_DOUBT = "in_doubt"


class Attempt(Row, table=True):
    """One offer. `code_class` is the first digit of the SMTP reply, 0 where there was none."""

    __tablename__ = "attempt"
    __table_args__ = (states("outcome", Outcome),)

    mail_id: UUID = Field(primary_key=True, foreign_key="mail.id", ondelete="CASCADE")
    number: int = Field(primary_key=True)
    begun_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome = code(Outcome, default=Outcome.BEGUN)
    code_class: int = 0


_of_mail: Final = col(Attempt.mail_id) == bindparam("mail")
_other: Final = aliased(Attempt)
_LAST_NUMBER: Final = select(func.max(_other.number)).where(_other.mail_id == bindparam("mail")).scalar_subquery()
_LEAVE_IN_DOUBT: Final = prepare(
    update(Attempt).where(_of_mail, col(Attempt.outcome) == Outcome.BEGUN).values(outcome=Outcome.IN_DOUBT, ended_at=bindparam("now"))
)
# Inline, because SQLAlchemy would return the key that the database makes, and nothing reads it.
_BEGIN: Final = prepare(
    insert(Attempt)
    .values(
        mail_id=bindparam("mail"), number=func.coalesce(_LAST_NUMBER, 0) + 1, begun_at=bindparam("now"), outcome=Outcome.BEGUN, code_class=0
    )
    .inline()
)
_END: Final = prepare(
    update(Attempt)
    .where(_of_mail, one_of(Attempt.outcome, [Outcome.BEGUN, Outcome.IN_DOUBT]), col(Attempt.number) == _LAST_NUMBER)
    .values(outcome=bindparam("end"), code_class=bindparam("reply_class"), ended_at=bindparam("now"))
)
_ALL: Final = prepare(select(Attempt).where(_of_mail).order_by(col(Attempt.number)))


def begin(tx: Tx, mail_id: UUID) -> None:
    """Records with the commit an attempt as begun. One before it that never ended stays in doubt."""
    tx.deferred.execute(_LEAVE_IN_DOUBT, mail=mail_id, now=tx.now)
    tx.deferred.execute(_BEGIN, mail=mail_id, now=tx.now)


def end(tx: Tx, mail_id: UUID, outcome: Outcome, code_class: int) -> None:
    """Ends with the commit the newest attempt, if it is begun or in doubt."""
    tx.deferred.execute(_END, mail=mail_id, end=outcome, reply_class=code_class, now=tx.now)


async def of(read: Read, mail_id: UUID) -> list[Attempt]:
    """The mail's attempts, oldest first."""
    return await read.all(_ALL, mail=mail_id)
