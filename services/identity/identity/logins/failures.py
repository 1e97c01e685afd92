"""Counts of failed logins in the database, so that all replicas count alike.

All times are real time. Failures are counted twice. The count by address and origin locks that
origin for a while. The count by address over all origins that never logged in makes such origins
follow a mailed link. No count locks an account as such.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from identity.logins.model import Lockout, LoginBudget, LoginFailure, LoginOrigin
from identity.logins.queries import OF_ORIGIN

_failure: Final = insert(LoginFailure).values(
    email_digest=bindparam("email"),
    origin_digest=bindparam("origin"),
    failures=1,
    failed_at=bindparam("now"),
    locked_until=bindparam("now"),
)
_COUNT_FAILURE: Final = prepare(
    _failure.on_conflict_do_update(
        index_elements=["email_digest", "origin_digest"],
        set_={
            "failed_at": _failure.excluded.failed_at,
            "failures": case(
                (col(LoginFailure.failed_at) < bindparam("since"), 1),
                else_=col(LoginFailure.failures) + 1,
            ),
        },
    ).returning(col(LoginFailure.failures))
)
_LOCK_ORIGIN: Final = prepare(
    update(LoginFailure).where(*OF_ORIGIN).values(locked_until=bindparam("until"))
)
_CLEAR_ORIGIN: Final = prepare(delete(LoginFailure).where(*OF_ORIGIN))
_is_over: Final = col(LoginBudget.began_at) <= bindparam("since")
_spending: Final = insert(LoginBudget).values(
    email_digest=bindparam("email"), failures=1, began_at=bindparam("now")
)
_SPEND: Final = prepare(
    _spending.on_conflict_do_update(
        index_elements=["email_digest"],
        set_={
            "failures": case((_is_over, 1), else_=col(LoginBudget.failures) + 1),
            "began_at": case(
                (_is_over, _spending.excluded.began_at), else_=col(LoginBudget.began_at)
            ),
        },
    )
)
_DELETE_OLD_FAILURES: Final = prepare(
    delete(LoginFailure).where(
        col(LoginFailure.failed_at) < bindparam("before"),
        col(LoginFailure.locked_until) < bindparam("before"),
    )
)
_DELETE_OLD_BUDGETS: Final = prepare(
    delete(LoginBudget).where(col(LoginBudget.began_at) < bindparam("before"))
)


async def record_failure(
    tx: Tx, origin: LoginOrigin, lockout: Lockout, now: datetime, *, counts_for_account: bool
) -> None:
    """Counts a failed login.

    Counts for an address without an account too: no answer may tell them apart.
    """
    since = now - timedelta(seconds=lockout.forget_seconds)
    failures: int | None = await tx.one(
        _COUNT_FAILURE, email=origin.email_digest, origin=origin.digest, now=now, since=since
    )
    assert failures is not None
    if seconds := lockout.seconds_after(failures):
        await tx.execute(
            _LOCK_ORIGIN,
            email=origin.email_digest,
            origin=origin.digest,
            until=now + timedelta(seconds=seconds),
        )
    if counts_for_account:
        await tx.execute(
            _SPEND,
            email=origin.email_digest,
            now=now,
            since=now - timedelta(seconds=lockout.budget_seconds),
        )


async def clear_failures(tx: Tx, origin: LoginOrigin) -> None:
    """Restarts the count of an origin after a right password.

    The budget of the account stays, because other origins spent it.
    """
    await tx.execute(_CLEAR_ORIGIN, email=origin.email_digest, origin=origin.digest)


async def delete_old_failures(tx: Tx, lockout: Lockout, now: datetime) -> None:
    """Deletes counts that no login reads any more."""
    await tx.execute(_DELETE_OLD_FAILURES, before=now - timedelta(seconds=lockout.forget_seconds))
    await tx.execute(_DELETE_OLD_BUDGETS, before=now - timedelta(seconds=lockout.budget_seconds))
