"""Crashes on demand, for tests that kill this process at a step of the saga."""

import os
import signal
from pathlib import Path

from checkout.settings import CheckoutSettings

_armed: tuple[str, Path] | None = None


def arm(settings: CheckoutSettings) -> None:
    """Makes `point(CRASH_AT)` kill this process, unless CRASH_MARKER exists already. Settings refuse it in production."""
    global _armed
    _armed = (settings.crash_at, settings.crash_marker) if settings.crash_at and settings.crash_marker else None


def point(name: str) -> None:
    """A place to crash: `before:<step>:do`, `after:<step>:do`, `before:<step>:commit` or `after:<step>:commit`."""
    if _armed is None or _armed[0] != name:
        return
    try:
        os.close(os.open(_armed[1], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
