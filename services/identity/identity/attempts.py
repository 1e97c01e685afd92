"""Failed logins, counted in real time and in the database, so that every replica counts the same.

They are counted twice: by account and origin, which locks that origin for a while; and by account, over all origins that never logged in,
which makes such origins follow a mailed link. Nothing locks an account as such.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

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


async def locked_seconds(read: Read, origin: Origin, now: datetime) -> float:
    """How long the origin is locked yet; 0 where it is not."""
    found = await read.fetch_one(
        "SELECT locked_until FROM login_failure WHERE email_digest = %s AND origin_digest = %s", [origin.email_digest, origin.digest]
    )
    return max(0.0, (found[0] - now).total_seconds()) if found else 0.0


async def is_over_budget(read: Read, email_digest: bytes, lockout: Lockout, now: datetime) -> bool:
    """Whether unknown devices failed as often as they may for an account."""
    found = await read.fetch_one(
        "SELECT failures FROM login_budget WHERE email_digest = %s AND began_at > %s",
        [email_digest, now - timedelta(seconds=lockout.budget_seconds)],
    )
    return found is not None and found[0] >= lockout.budget


async def record_failure(tx: Tx, origin: Origin, lockout: Lockout, now: datetime, *, counts_for_account: bool) -> None:
    """Counts a failure, also for an address without an account: nothing may tell who has one."""
    found = await tx.fetch_one(
        "INSERT INTO login_failure (email_digest, origin_digest, failures, failed_at, locked_until)"
        " VALUES (%(email)s, %(origin)s, 1, %(now)s, %(now)s)"
        " ON CONFLICT (email_digest, origin_digest) DO UPDATE SET failed_at = excluded.failed_at,"
        " failures = CASE WHEN login_failure.failed_at < %(before)s THEN 1 ELSE login_failure.failures + 1 END RETURNING failures",
        {
            "email": origin.email_digest,
            "origin": origin.digest,
            "now": now,
            "before": now - timedelta(seconds=lockout.forget_seconds),
        },
    )
    assert found is not None
    if seconds := lockout.seconds_after(found[0]):
        await tx.run(
            "UPDATE login_failure SET locked_until = %s WHERE email_digest = %s AND origin_digest = %s",
            [now + timedelta(seconds=seconds), origin.email_digest, origin.digest],
        )
    if counts_for_account:
        await _spend_budget(tx, origin.email_digest, lockout, now)


async def _spend_budget(tx: Tx, email_digest: bytes, lockout: Lockout, now: datetime) -> None:
    await tx.run(
        "INSERT INTO login_budget (email_digest, failures, began_at) VALUES (%(email)s, 1, %(now)s)"
        " ON CONFLICT (email_digest) DO UPDATE SET"
        " failures = CASE WHEN login_budget.began_at <= %(before)s THEN 1 ELSE login_budget.failures + 1 END,"
        " began_at = CASE WHEN login_budget.began_at <= %(before)s THEN excluded.began_at ELSE login_budget.began_at END",
        {"email": email_digest, "now": now, "before": now - timedelta(seconds=lockout.budget_seconds)},
    )


async def forget_failures(tx: Tx, origin: Origin) -> None:
    """Starts anew for an origin after a right password. The account's budget stays as it is: others spent it."""
    await tx.run("DELETE FROM login_failure WHERE email_digest = %s AND origin_digest = %s", [origin.email_digest, origin.digest])


async def delete_old(tx: Tx, lockout: Lockout, now: datetime) -> None:
    """Deletes counts that no login looks at any more."""
    before = now - timedelta(seconds=lockout.forget_seconds)
    await tx.run("DELETE FROM login_failure WHERE failed_at < %s AND locked_until < %s", [before, before])
    await tx.run("DELETE FROM login_budget WHERE began_at < %s", [now - timedelta(seconds=lockout.budget_seconds)])
