"""Crashes on demand, for tests that kill a process at a step of the saga."""

import os
import signal
from pathlib import Path

from checkout.settings import CheckoutSettings

_armed: tuple[str, Path] | None = None


def arm(settings: CheckoutSettings) -> None:
    """Makes `crash_point(CRASH_AT)` kill this process once; CRASH_MARKER records it.

    The settings refuse this in production.
    """
    global _armed
    _armed = (
        (settings.crash_at, settings.crash_marker)
        if settings.crash_at and settings.crash_marker
        else None
    )


def crash_point(name: str) -> None:
    """Kills this process if it is armed for this point.

    Points are `before:<step>:do`, `after:<step>:do`, `before:<step>:commit` and
    `after:<step>:commit`; of a cancellation of lines `after:cancel_lines:` with `commit`,
    `restock` and `refund`; of a return `after:return:` with `receive`, `commit`, `restock` and
    `refund`; `before:assess:commit` and `after:assess:commit` of the screening against fraud;
    `after:issue_document:` with `number`, `store` and `commit` of a document;
    `before:capture_part:do` and `after:capture_part:do` of a capture with a shipment;
    `before:release:do` and `after:release:do` of the release of an authorization;
    `before:review:capture` and `after:review:capture` of a review; `after:cancel:void` of a
    cancellation; `before:cancel_pickup:commit` and `after:cancel_pickup:commit` of one that nobody
    asked for; `after:label:commit` and `after:label:carrier` of a label;
    `after:book_points:commit` of the points of an order.
    """
    if _armed is None or _armed[0] != name:
        return
    try:
        os.close(os.open(_armed[1], os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
