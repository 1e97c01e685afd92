"""Wrong passwords per account, and for how long they lock it. Real time; in the database, so that every replica counts the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.db import Read, Tx
from identity.settings import Settings


@dataclass(frozen=True, slots=True)
class Lockout:
    """After `free_attempts` wrong passwords each further one locks the account twice as long, from `lock_seconds` to `max_seconds`;
    `forget_seconds` without one start anew."""

    free_attempts: int
    lock_seconds: float
    max_seconds: float
    forget_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "Lockout":
        return cls(
            settings.login_free_attempts, settings.login_lock_seconds, settings.login_lock_max_seconds, settings.login_forget_seconds
        )

    def seconds_after(self, failures: int) -> float:
        """How long the account is locked after so many wrong passwords."""
        if failures < self.free_attempts:
            return 0
        # Beyond 2^30 the longest lock holds in any case.
        return min(self.lock_seconds * 2.0 ** min(failures - self.free_attempts, 30), self.max_seconds)


async def locked_seconds(read: Read, email_digest: bytes, now: datetime) -> float:
    """How long the account is locked yet; 0 where it is not."""
    found = await read.fetch_one("SELECT locked_until FROM login_attempt WHERE email_digest = %s", [email_digest])
    return max(0.0, (found[0] - now).total_seconds()) if found else 0.0


async def record_failure(tx: Tx, email_digest: bytes, lockout: Lockout, now: datetime) -> None:
    """Counts a wrong password, also of an address that nobody has: a lock must not tell who has an account."""
    forgotten_before = now - timedelta(seconds=lockout.forget_seconds)
    found = await tx.fetch_one(
        "INSERT INTO login_attempt (email_digest, failures, failed_at, locked_until) VALUES (%(digest)s, 1, %(now)s, %(now)s)"
        " ON CONFLICT (email_digest) DO UPDATE SET failed_at = excluded.failed_at,"
        " failures = CASE WHEN login_attempt.failed_at < %(before)s THEN 1 ELSE login_attempt.failures + 1 END RETURNING failures",
        {"digest": email_digest, "now": now, "before": forgotten_before},
    )
    assert found is not None
    if seconds := lockout.seconds_after(found[0]):
        until = now + timedelta(seconds=seconds)
        await tx.run("UPDATE login_attempt SET locked_until = %s WHERE email_digest = %s", [until, email_digest])


async def forget(tx: Tx, email_digest: bytes) -> None:
    """Starts anew after a right password."""
    await tx.run("DELETE FROM login_attempt WHERE email_digest = %s", [email_digest])


async def sweep(tx: Tx, before: datetime) -> int:
    """Deletes counts whose last failure is older. Returns how many."""
    return await tx.run("DELETE FROM login_attempt WHERE failed_at < %s AND locked_until < %s", [before, before])
