"""Reads of failed logins."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from identity.logins.model import Lockout, LoginBudget, LoginFailure, LoginOrigin

OF_ORIGIN: Final = (
    col(LoginFailure.email_digest) == bindparam("email"),
    col(LoginFailure.origin_digest) == bindparam("origin"),
)
_LOCKED_UNTIL: Final = prepare(select(LoginFailure.locked_until).where(*OF_ORIGIN))
_SPENT: Final = prepare(
    select(LoginBudget.failures).where(
        LoginBudget.email_digest == bindparam("email"), LoginBudget.began_at > bindparam("since")
    )
)


async def get_locked_seconds(read: Read, origin: LoginOrigin, now: datetime) -> float:
    """Returns how long an origin is still locked; 0 if it is not."""
    until: datetime | None = await read.one(
        _LOCKED_UNTIL, email=origin.email_digest, origin=origin.digest
    )
    return max(0.0, (until - now).total_seconds()) if until else 0.0


async def is_over_budget(read: Read, email_digest: bytes, lockout: Lockout, now: datetime) -> bool:
    """Returns whether unknown devices have spent the failures of an address."""
    since = now - timedelta(seconds=lockout.budget_seconds)
    failures: int | None = await read.one(_SPENT, email=email_digest, since=since)
    return failures is not None and failures >= lockout.budget
