"""Rules for tasks that hold a database connection: what they may await, and which they take.

No task waits for anything else while a database connection is out.
"""

import asyncio
from contextvars import ContextVar
from typing import Final

from chassis import telemetry

_is_strict = True
_told: Final[set[str]] = set()


class ConnectionHeld(RuntimeError):
    """A task waits, sleeps, calls a peer or takes a second connection while it holds one.

    This is a defect, because the pool runs dry of it.
    """


class Hold:
    """Says whether the connection is still out.

    Tasks that are made meanwhile see the same object, and so its end.
    """

    __slots__ = ("is_active",)

    def __init__(self) -> None:
        self.is_active = True


current_hold: Final[ContextVar[Hold | None]] = ContextVar("connection_hold", default=None)
_does_work: Final[ContextVar[bool]] = ContextVar("does_work", default=False)


def refuse_held_connections(is_strict: bool) -> None:
    """Selects whether `require_no_connection` raises (development) or logs (production).

    In production each purpose is logged once.
    """
    global _is_strict
    _is_strict = is_strict


def require_no_connection(purpose: str) -> None:
    """Raises ConnectionHeld if the running task, or its parent task, holds a connection.

    `purpose` says what it was about to do.

    In production a defect that no test met costs a connection and a line in the log, not an answer.
    """
    hold = current_hold.get()
    if hold is None or not hold.is_active:
        return
    message = f"{purpose} while a connection is out; leave the block of `read` or `tx` first"
    if _is_strict:
        raise ConnectionHeld(message)
    if purpose not in _told:
        _told.add(purpose)
        telemetry.log("db").error("a connection is held", purpose=purpose, stack_info=True)


async def pause(seconds: float) -> None:
    """Sleeps. Raises ConnectionHeld where a connection is out."""
    require_no_connection("sleep")
    await asyncio.sleep(seconds)


def use_work_connections() -> None:
    """Lets the running task take the connections that are reserved for background work.

    Background work is sagas, timers and consumers; calls never take these connections.
    """
    _does_work.set(True)


def uses_work_connections() -> bool:
    """Returns whether the running task does background work."""
    return _does_work.get()
