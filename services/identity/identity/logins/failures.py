"""Failed logins, counted in real time and in the database, so that every replica counts the same.

They are counted twice: by account and origin, which locks that origin for a while; and by account, over all origins that never logged in,
which makes such origins follow a mailed link. Nothing locks an account as such.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from identity.settings import Settings


@dataclass(frozen=True, slots=True)
class Lockout:
    """After `free_attempts` failures each further one locks an origin twice as long, from `lock_seconds` to `max_seconds`;
    `forget_seconds` without one start anew. `budget` failures of unknown devices within `budget_seconds` are an account's whole budget."""

    free_attempts: int
    lock_seconds: float
    max_seconds: float
    forget_seconds: float
    budget: int
    budget_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "Lockout":
        return cls(
            settings.login_free_attempts,
            settings.login_lock_seconds,
            settings.login_lock_max_seconds,
            settings.login_forget_seconds,
            settings.login_budget,
            settings.login_budget_seconds,
        )

    def seconds_after(self, failures: int) -> float:
        """How long an origin is locked after so many failures."""
        if failures < self.free_attempts:
            return 0
        # Beyond 2^30 the longest lock holds in any case.
        return min(self.lock_seconds * 2.0 ** min(failures - self.free_attempts, 30), self.max_seconds)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a login comes from. `digest` stands for a known device, or else for a network."""

    email_digest: bytes
    digest: bytes


class LoginFailure(Row, table=True):
    """Failed logins of an address from one origin, counted anew after a pause, and until when that locks the origin."""

    __tablename__ = "login_failure"

    email_digest: bytes = Field(primary_key=True)
    origin_digest: bytes = Field(primary_key=True)
    failures: int
    failed_at: datetime = Field(index=True)
    locked_until: datetime


class LoginBudget(Row, table=True):
    """Failed logins of an address from unknown devices, since `began_at`."""

    __tablename__ = "login_budget"

    email_digest: bytes = Field(primary_key=True)
    failures: int
    began_at: datetime = Field(index=True)


class LoginAttemptCount(Row, table=True):
    """Failed logins of an address as the release before this one counts them. This release does not use it."""

    __tablename__ = "login_attempt"

    email_digest: bytes = Field(primary_key=True)
    failures: int
    failed_at: datetime = Field(index=True)
    locked_until: datetime


_OF_ORIGIN: Final = (col(LoginFailure.email_digest) == bindparam("email"), col(LoginFailure.origin_digest) == bindparam("origin"))
_LOCKED_UNTIL: Final = prepare(select(LoginFailure.locked_until).where(*_OF_ORIGIN))
_SPENT: Final = prepare(
    select(LoginBudget.failures).where(LoginBudget.email_digest == bindparam("email"), LoginBudget.began_at > bindparam("since"))
)
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
            "failures": case((col(LoginFailure.failed_at) < bindparam("since"), 1), else_=col(LoginFailure.failures) + 1),
        },
    ).returning(col(LoginFailure.failures))
)
_LOCK_ORIGIN: Final = prepare(update(LoginFailure).where(*_OF_ORIGIN).values(locked_until=bindparam("until")))
_FORGET_ORIGIN: Final = prepare(delete(LoginFailure).where(*_OF_ORIGIN))
_is_over: Final = col(LoginBudget.began_at) <= bindparam("since")
_spending: Final = insert(LoginBudget).values(email_digest=bindparam("email"), failures=1, began_at=bindparam("now"))
_SPEND: Final = prepare(
    _spending.on_conflict_do_update(
        index_elements=["email_digest"],
        set_={
            "failures": case((_is_over, 1), else_=col(LoginBudget.failures) + 1),
            "began_at": case((_is_over, _spending.excluded.began_at), else_=col(LoginBudget.began_at)),
        },
    )
)
_DELETE_OLD_FAILURES: Final = prepare(
    delete(LoginFailure).where(col(LoginFailure.failed_at) < bindparam("before"), col(LoginFailure.locked_until) < bindparam("before"))
)
_DELETE_OLD_BUDGETS: Final = prepare(delete(LoginBudget).where(col(LoginBudget.began_at) < bindparam("before")))


async def locked_seconds(read: Read, origin: Origin, now: datetime) -> float:
    """How long the origin is locked yet; 0 where it is not."""
    until: datetime | None = await read.one(_LOCKED_UNTIL, email=origin.email_digest, origin=origin.digest)
    return max(0.0, (until - now).total_seconds()) if until else 0.0


async def is_over_budget(read: Read, email_digest: bytes, lockout: Lockout, now: datetime) -> bool:
    """Whether unknown devices failed as often as they may for an account."""
    since = now - timedelta(seconds=lockout.budget_seconds)
    failures: int | None = await read.one(_SPENT, email=email_digest, since=since)
    return failures is not None and failures >= lockout.budget


async def record_failure(tx: Tx, origin: Origin, lockout: Lockout, now: datetime, *, counts_for_account: bool) -> None:
    """Counts a failure, also for an address without an account: nothing may tell who has one."""
    since = now - timedelta(seconds=lockout.forget_seconds)
    failures: int | None = await tx.one(_COUNT_FAILURE, email=origin.email_digest, origin=origin.digest, now=now, since=since)
    assert failures is not None
    if seconds := lockout.seconds_after(failures):
        await tx.execute(_LOCK_ORIGIN, email=origin.email_digest, origin=origin.digest, until=now + timedelta(seconds=seconds))
    if counts_for_account:
        await tx.execute(_SPEND, email=origin.email_digest, now=now, since=now - timedelta(seconds=lockout.budget_seconds))


async def forget_failures(tx: Tx, origin: Origin) -> None:
    """Starts anew for an origin after a right password. The account's budget stays as it is: others spent it."""
    await tx.execute(_FORGET_ORIGIN, email=origin.email_digest, origin=origin.digest)


async def delete_old(tx: Tx, lockout: Lockout, now: datetime) -> None:
    """Deletes counts that no login looks at any more."""
    await tx.execute(_DELETE_OLD_FAILURES, before=now - timedelta(seconds=lockout.forget_seconds))
    await tx.execute(_DELETE_OLD_BUDGETS, before=now - timedelta(seconds=lockout.budget_seconds))
