"""Work that runs again and again beside a service's calls."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from chassis import telemetry
from chassis.rpc.errors import Unavailable

T = TypeVar("T")
log = telemetry.log("loops")
_RETRY_SECONDS: Final = 0.5


async def run_periodically(
    run: Callable[[], Awaitable[object]],
    *,
    every_seconds: float,
    name: str,
    waits_first: bool = False,
) -> None:
    """Awaits `run`, pauses for `every_seconds` and begins anew, until cancelled.

    A failure is logged under `name` and ends nothing.

    With `waits_first` the pause comes before the first run too.
    """
    if waits_first:
        await asyncio.sleep(every_seconds)
    while True:
        try:
            await run()
        except Exception as error:
            log.warning(f"{name} failed", reason=getattr(error, "reason", ""), exc_info=error)
        await asyncio.sleep(every_seconds)


async def retry_while_unavailable(run: Callable[[], Awaitable[T]], *, name: str) -> T:
    """Awaits `run` and returns its result; retries each half second while a dependency is away.

    Logs each attempt under `name`.
    """
    while True:
        try:
            return await run()
        except Unavailable as error:
            log.warning(f"{name} waits", reason=error.reason, exc_info=error)
            await asyncio.sleep(_RETRY_SECONDS)
