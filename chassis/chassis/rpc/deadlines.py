"""Deadlines that shrink along a path: a peer must answer before its caller has to."""

import time
from contextvars import ContextVar

# Kept back for the way home: a peer's answer that comes with the deadline is of no use.
_MARGIN_SECONDS = 0.02
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


def set_deadline(seconds: float | None) -> None:
    """Sets the deadline of the running task and its child tasks, `seconds` from now.

    None is no deadline, as background work has.
    """
    _deadline.set(None if seconds is None else time.monotonic() + seconds)


def seconds_left(at_most: float) -> float:
    """Returns the seconds that a peer may take:

    `at_most`, or what is left of the deadline less a margin; not positive once it is over.
    """
    deadline = _deadline.get()
    return (
        at_most if deadline is None else min(at_most, deadline - time.monotonic() - _MARGIN_SECONDS)
    )
