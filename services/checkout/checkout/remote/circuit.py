"""Calls with a deadline, repeats and a circuit breaker."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from chassis import telemetry
from chassis.backoff import Backoff
from checkout.errors.remote import RemoteUnavailable

T = TypeVar("T")
log = telemetry.log("remote")
# Failures in a row after which a service is left alone for a while.
MOST_FAILURES: Final = 3
_PAUSES: Final = Backoff(first_seconds=5, most_seconds=120)


@dataclass(frozen=True, slots=True)
class Patience:
    """The time that an attempt may take, and the number of attempts."""

    timeout_seconds: float
    attempts: int = 2


class Circuit:
    """Calls of one service. After failures in a row none is made until a pause is over.

    Then one call tries; the pauses double while it fails. `now` is in seconds of real time.
    """

    def __init__(
        self, name: str, patience: Patience, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.name, self._patience, self._now = name, patience, now
        self._failures, self._open_until = 0, 0.0

    @property
    def is_open(self) -> bool:
        """Whether calls are refused at once."""
        return self._failures >= MOST_FAILURES and self._now() < self._open_until

    async def call(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Returns the answer of an attempt. Raises RemoteUnavailable."""
        if self.is_open:
            raise RemoteUnavailable(service=self.name, retry_after_seconds=1)
        if self._failures >= MOST_FAILURES:
            # Others wait for the outcome of this call.
            self._pause()
        for left in reversed(range(self._patience.attempts)):
            try:
                async with asyncio.timeout(self._patience.timeout_seconds):
                    answer = await attempt()
            except (TimeoutError, RemoteUnavailable) as error:
                self._failures += 1
                if self._failures >= MOST_FAILURES:
                    self._pause()
                if not left or self.is_open:
                    log.warning("a service does not answer", service=self.name)
                    raise RemoteUnavailable(service=self.name, retry_after_seconds=1) from error
            else:
                self._failures = 0
                return answer
        raise AssertionError("there is at least one attempt")

    def _pause(self) -> None:
        pause = _PAUSES.after(self._failures - MOST_FAILURES + 1)
        self._open_until = self._now() + pause
