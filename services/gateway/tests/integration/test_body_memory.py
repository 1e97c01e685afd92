"""Memory of bodies in flight: bounded together and per address, less for small ones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from chassis.runtime.clock import uuid7
from chassis.testing import eventually
from gateway.http.body_budget import SMALL_BYTES, BodyBudget, BodyInFlight
from services.gateway.tests.gateway_shop import a_shop


async def test_bodies_in_flight_are_bounded_together_and_per_address() -> None:
    waiting = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b" " * 200_000
        await waiting.wait()

    headers = {"Content-Type": "application/json"}
    async with a_shop(max_bodies_in_flight_bytes=1024 * 1024) as shop:
        first = asyncio.create_task(
            shop.client.post("/v1/touchpoints", content=slow(), headers=headers)
        )
        await eventually(lambda: shop.edge.budget.in_flight == 200_000)
        refused = await shop.client.post("/v1/touchpoints", content=b" " * 200_000, headers=headers)
        waiting.set()
        await first
        left = shop.edge.budget.in_flight

    assert (refused.status_code, refused.json()["reason"], refused.headers["retry-after"]) == (
        503,
        "TOO_MANY_BODIES",
        "1",
    )
    assert left == 0


async def test_small_bodies_are_taken_while_large_ones_hold_all_the_memory() -> None:
    waiting = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b" " * 200_000
        await waiting.wait()

    headers = {"Content-Type": "application/json"}
    async with a_shop(max_bodies_in_flight_bytes=1024 * 1024) as shop:
        first = asyncio.create_task(
            shop.client.post("/v1/touchpoints", content=slow(), headers=headers)
        )
        await eventually(lambda: shop.edge.budget.in_flight == 200_000)
        while shop.edge.budget.main.take(str(uuid7()), 100_000):
            pass
        large = await shop.client.post("/v1/touchpoints", content=b" " * 50_000, headers=headers)
        small = await shop.client.post(
            "/v1/sessions", json={"email": "a@example.com", "password": "x"}
        )
        waiting.set()
        await first

    assert (large.status_code, small.status_code) == (503, 201)
    assert shop.edge.budget.small.in_use == 0


async def test_a_small_body_that_grows_leaves_the_reserve() -> None:
    budget = BodyBudget(1024 * 1024, small_bytes=64 * 1024)
    body = BodyInFlight(budget, "192.0.2.1")

    body.take(SMALL_BYTES)
    before = (budget.small.in_use, budget.main.in_use)
    body.take(1)
    after = (budget.small.in_use, budget.main.in_use)
    body.give_back()

    assert (before, after) == ((SMALL_BYTES, 0), (0, SMALL_BYTES + 1))
    assert budget.in_flight == 0


async def test_a_full_reserve_leaves_small_bodies_the_rest_of_the_memory() -> None:
    budget = BodyBudget(1024 * 1024, small_bytes=4 * SMALL_BYTES)
    bodies = [BodyInFlight(budget, "192.0.2.1") for _ in range(2)]

    for body in bodies:
        body.take(SMALL_BYTES)

    assert (budget.small.in_use, budget.main.in_use) == (SMALL_BYTES, SMALL_BYTES)
