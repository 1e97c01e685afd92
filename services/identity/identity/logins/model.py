"""Logins: tables of failed ones, their limits, and the values of an attempt.

All times are real time.
"""

from dataclasses import dataclass, field
from datetime import datetime

from chassis.data.rows import Field, Row
from identity.credentials.model import Credential, UnconfirmedCredential
from identity.devices.model import DeviceToken
from identity.settings import Settings


@dataclass(frozen=True, slots=True)
class Lockout:
    """Limits of failed logins.

    After `free_attempts` failures each further one locks an origin twice as long, from
    `lock_seconds` to `max_seconds`. A pause of `forget_seconds` restarts the count. `budget` is the
    number of failures of unknown devices that an account has within `budget_seconds`.
    """

    free_attempts: int
    lock_seconds: float
    max_seconds: float
    forget_seconds: float
    budget: int
    budget_seconds: float

    @classmethod
    def from_settings(cls, settings: Settings) -> "Lockout":
        """Returns the limits of the settings."""
        return cls(
            settings.login_free_attempts,
            settings.login_lock_seconds,
            settings.login_lock_max_seconds,
            settings.login_forget_seconds,
            settings.login_budget,
            settings.login_budget_seconds,
        )

    def seconds_after(self, failures: int) -> float:
        """Returns how long an origin is locked after so many failures."""
        if failures < self.free_attempts:
            return 0
        # Beyond 2^30 the longest lock holds in any case.
        return min(
            self.lock_seconds * 2.0 ** min(failures - self.free_attempts, 30), self.max_seconds
        )


@dataclass(frozen=True, slots=True)
class LoginOrigin:
    """The source of a login. `digest` stands for a known device, else for a network."""

    email_digest: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A password for an address, with its source.

    `network_digest` stands for the network of an unknown device. `salt` is that of unconfirmed
    accounts of the address.
    """

    email_digest: bytes
    password: str = field(repr=False)
    network_digest: bytes
    salt: bytes = field(repr=False)
    device: DeviceToken | None = None


@dataclass(frozen=True, slots=True)
class VerifiedPassword:
    """A right password. `newer_hash` replaces a stored hash of older parameters."""

    credential: Credential | UnconfirmedCredential = field(repr=False)
    origin: LoginOrigin = field(repr=False)
    newer_hash: str | None = field(repr=False, default=None)


class LoginFailure(Row, table=True):
    """Failed logins of an address from one origin, and the end of the origin's lock."""

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
    """Failed logins of an address as the previous release counts them.

    This release does not use it.
    """

    __tablename__ = "login_attempt"

    email_digest: bytes = Field(primary_key=True)
    failures: int
    failed_at: datetime = Field(index=True)
    locked_until: datetime
