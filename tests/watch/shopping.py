"""Light, steady traffic: people who look around, and people who buy."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import AsyncIterator

import httpx

from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError

_LOOKERS = 3
_PAUSE_SECONDS = 0.3


@contextlib.asynccontextmanager
async def shopping(platform: Platform, variant_id: str) -> AsyncIterator[None]:
    """Goes on through every fault until the block ends."""
    tasks = [asyncio.create_task(_look(platform)) for _ in range(_LOOKERS)]
    tasks += [asyncio.create_task(_buy(platform, variant_id)) for _ in range(2)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _look(platform: Platform) -> None:
    """Each search is new, so that no cache answers it; every second product does not exist."""
    async with Api(platform.gateway_urls, consent="analytics", keeps_visitor=True) as shopper:
        for number in itertools.count():
            with contextlib.suppress(ApiError, httpx.TransportError):
                await shopper.call("GET", f"/v1/search?q=a{uuid.uuid4().hex}")
            with contextlib.suppress(ApiError, httpx.TransportError):
                await shopper.call(
                    "GET",
                    f"/v1/products/{f'missing-{uuid.uuid4().hex}' if number % 2 else 'known'}"
                    "?currency=EUR",
                )
            await asyncio.sleep(_PAUSE_SECONDS)


async def _buy(platform: Platform, variant_id: str) -> None:
    async with Api(platform.gateway_urls, consent="analytics", keeps_visitor=True) as shopper:
        while True:
            with contextlib.suppress(ApiError, httpx.TransportError):
                if not shopper.token:
                    await shopper.become_guest()
                await shopper.buy((variant_id, 1))
            await asyncio.sleep(_PAUSE_SECONDS)
