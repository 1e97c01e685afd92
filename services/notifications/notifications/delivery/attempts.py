"""Writes of delivery attempts. Each is deferred: it runs with the commit of its transaction."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from notifications.mails.model import Attempt, AttemptOutcome

_of_mail: Final = col(Attempt.mail_id) == bindparam("mail")
_other: Final = aliased(Attempt)
_LAST_NUMBER: Final = (
    select(func.max(_other.number)).where(_other.mail_id == bindparam("mail")).scalar_subquery()
)
_LEAVE_IN_DOUBT: Final = prepare(
    update(Attempt)
    .where(_of_mail, col(Attempt.outcome) == AttemptOutcome.BEGUN)
    .values(outcome=AttemptOutcome.IN_DOUBT, ended_at=bindparam("now"))
)
# Inline, because SQLAlchemy would otherwise return the key, which nothing reads.
_START: Final = prepare(
    insert(Attempt)
    .values(
        mail_id=bindparam("mail"),
        number=func.coalesce(_LAST_NUMBER, 0) + 1,
        begun_at=bindparam("now"),
        outcome=AttemptOutcome.BEGUN,
        code_class=0,
    )
    .inline()
)
_END: Final = prepare(
    update(Attempt)
    .where(
        _of_mail,
        one_of(Attempt.outcome, [AttemptOutcome.BEGUN, AttemptOutcome.IN_DOUBT]),
        col(Attempt.number) == _LAST_NUMBER,
    )
    .values(
        outcome=bindparam("end"), code_class=bindparam("reply_class"), ended_at=bindparam("now")
    )
)


def start_attempt(tx: Tx, mail_id: UUID) -> None:
    """Records a new attempt. An earlier attempt without an end becomes IN_DOUBT."""
    tx.deferred.execute(_LEAVE_IN_DOUBT, mail=mail_id, now=tx.now)
    tx.deferred.execute(_START, mail=mail_id, now=tx.now)


def end_attempt(tx: Tx, mail_id: UUID, outcome: AttemptOutcome, code_class: int) -> None:
    """Records the outcome of the newest attempt, unless the attempt has a final one."""
    tx.deferred.execute(_END, mail=mail_id, end=outcome, reply_class=code_class, now=tx.now)
