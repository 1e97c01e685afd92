"""Conversions that take long leave the event loop: one at a time in a thread, so that other requests go on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

T = TypeVar("T")
# Converting so much takes less than a millisecond.
SMALL_BYTES: Final = 16 * 1024
_thread: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversion")


async def convert(size: int, function: Callable[..., T], *arguments: Any) -> T:
    """Returns `function(*arguments)`, computed in a thread where the input has more than a few bytes."""
    if size <= SMALL_BYTES:
        return function(*arguments)
    return await asyncio.get_running_loop().run_in_executor(_thread, partial(function, *arguments))
