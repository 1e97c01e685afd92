"""The one way to wait in tests."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from chassis.data.connections import require_no_connection

T = TypeVar("T")
_sleep = asyncio.sleep


async def _sleep_without_connection(seconds: float, result: Any = None) -> Any:
    if seconds > 0:
        require_no_connection("sleep")
    return await _sleep(seconds, result)


# In tests nothing sleeps while a database connection is out, whatever it calls.
asyncio.sleep = _sleep_without_connection  # type: ignore[assignment]  # overloads for no result


async def eventually(
    check: Callable[[], T | Awaitable[T]], *, within: float = 5, every: float = 0.02
) -> T:
    """Waits until `check` returns something true, and returns it.

    An AssertionError of `check` is tried again, and is what fails at the end.
    """
    deadline = time.monotonic() + within
    while True:
        failure: AssertionError | None = None
        try:
            result = check()
            value = await result if inspect.isawaitable(result) else result
            if value:
                return value
        except AssertionError as error:
            failure = error
        if time.monotonic() > deadline:
            raise failure or AssertionError(
                f"not within {within} s: "
                f"{inspect.getsource(check).strip() if inspect.isfunction(check) else check}"
            )
        await asyncio.sleep(every)


async def let_tasks_run() -> None:
    """Lets each task that is ready run until it waits for something."""
    await asyncio.sleep(0)
