"""Work that runs again and again beside a service's calls."""

import asyncio
from collections.abc import Awaitable, Callable

from chassis import telemetry

log = telemetry.log("loops")


async def run_periodically(run: Callable[[], Awaitable[object]], *, every_seconds: float, name: str, waits_first: bool = False) -> None:
    """Awaits `run`, pauses for `every_seconds` and begins anew, until cancelled. A failure is logged under `name` and ends nothing.

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
