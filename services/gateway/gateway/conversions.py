"""Long conversions run in a thread, one at a time, so that other requests go on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from starlette.requests import Request

T = TypeVar("T")
# Converting so much takes less than a millisecond.
SMALL_BYTES: Final = 16 * 1024
# Shoppers send no more. What the back office sends takes seconds and waits in a row of its own.
_SHOPPERS_BYTES: Final = 256 * 1024
_shoppers: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversion")
_back_office: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large-conversion")


async def convert(size: int, function: Callable[..., T], *arguments: Any) -> T:
    """Returns `function(*arguments)`, computed in a thread for inputs of more than a few bytes."""
    if size <= SMALL_BYTES:
        return function(*arguments)
    thread = _shoppers if size <= _SHOPPERS_BYTES else _back_office
    return await asyncio.get_running_loop().run_in_executor(thread, partial(function, *arguments))


def size_of(request: Request) -> int:
    """Returns the bytes of a request's body; a body without a length counts as large."""
    return int(request.headers.get("content-length", _SHOPPERS_BYTES + 1))
