"""`make sizing`: the use of each service under a named load, and its requests and limits."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from stack.bench import scenarios
from stack.bench.catalogue import Draw, Stocked
from stack.bench.load import Connection, Turn, Unexpected
from stack.bench.measuring import OUTSIDE, machine
from stack.bench.quiet import wait_until_quiet
from stack.bench.usage import by_component, cpu_seconds, resident_bytes
from stack.errors import StackError
from stack.platform import Platform

# One visit of the reference load: what a shopper does, on average, in calls of each kind.
VISIT: Final = {
    "category listing": 2.0,
    "product page": 4.0,
    "search": 1.0,
    "add to cart": 0.25,
    "place order": 0.05,
    "beacon": 1.0,
}
LOOK_SECONDS: Final = 0.5
# What fills the caches before memory is measured: as many tokens as a verifier keeps, and more
# pages than the gateway keeps.
CACHED_TOKENS: Final = 10_000
CACHED_QUESTIONS: Final = 2_500
FILLERS: Final = 16
# Requests leave room for what a minute's average hides, limits for what an hour's does.
CPU_HEADROOM: Final = 1.5
MEMORY_HEADROOM: Final = 1.5
CPU_STEP_MILLI: Final = 10
MEMORY_STEP_MIB: Final = 32
# A Python process uses one core at most: beyond this share of it, add replicas.
FULL_CORE: Final = 0.7
# PostgreSQL gets what its server keeps for shared buffers besides.
POSTGRES: Final = "postgres"
# Times the measured load.
SIZES: Final = {"small (measured)": 1.0, "medium (calculated)": 5.0, "large (calculated)": 25.0}


@dataclass(frozen=True)
class Visitors:
    """Sends visits at a steady rate, whether or not the earlier ones are answered."""

    url: str
    turns: dict[str, Turn]
    per_second: float

    def run(self, seconds: float) -> tuple[int, int]:
        """Returns how many calls were made, and how many of them failed."""
        return asyncio.run(self._run(seconds))

    async def _run(self, seconds: float) -> tuple[int, int]:
        idle: list[Connection] = []
        counts = {"calls": 0, "failed": 0}

        async def call(turn: Turn) -> None:
            connection = idle.pop() if idle else Connection(self.url)
            counts["calls"] += 1
            try:
                counts["failed"] += not await turn(connection)
            except (OSError, TimeoutError, Unexpected, ValueError, KeyError):
                counts["failed"] += 1
            idle.append(connection)

        async with asyncio.TaskGroup() as group:
            for kind, times in VISIT.items():
                group.create_task(
                    self._steadily(self.turns[kind], times * self.per_second, seconds, group, call)
                )
        for connection in idle:
            await connection.__aexit__()
        return counts["calls"], counts["failed"]

    async def _steadily(
        self,
        turn: Turn,
        rate: float,
        seconds: float,
        group: asyncio.TaskGroup,
        call: Callable[[Turn], Any],
    ) -> None:
        began = time.monotonic()
        for number in itertools.count():
            due = began + number / rate
            if due > began + seconds:
                return
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            group.create_task(call(turn))


def turns_of(tokens: list[str], stocked: Stocked) -> dict[str, Turn]:
    """A turn for each kind of call in a visit; products are drawn as shoppers do."""
    reads = {name: turn_of(Draw.ZIPF) for name, turn_of in scenarios.reads_of(stocked).items()}
    return {**reads, **scenarios.writes_of(tokens, stocked), "beacon": scenarios.beacon()}


async def fill_caches(platform: Platform, stocked: Stocked) -> None:
    """Fills the caches of processes: verified tokens, pages and listings.

    Memory is measured with full caches.
    """
    url = platform.gateway_url
    questions = [
        f"/v1/search?q={word}&page_size={size}"
        for size in range(100, 100 - CACHED_QUESTIONS // len(stocked.words) - 1, -1)
        for word in stocked.words
    ]
    shares = [(CACHED_TOKENS // FILLERS, questions[number::FILLERS]) for number in range(FILLERS)]
    await asyncio.gather(*(_fill(url, guests, asked) for guests, asked in shares))


async def _fill(url: str, guests: int, questions: list[str]) -> None:
    async with Connection(url) as connection:
        for _ in range(guests):
            session = (
                await connection.send(
                    "POST", "/v1/sessions/guest", {}, {"Idempotency-Key": str(uuid.uuid4())}
                )
            ).json()
            headers = {"Authorization": f"Bearer {session['access_token']}"}
            # Each is verified, and kept, by the gateway and by the service that answers; most
            # answers are that there is nothing yet.
            for path in ("/v1/carts/current", "/v1/orders", "/v1/me", "/v1/products?page_size=1"):
                await connection.send("GET", path, None, headers)
        for path in questions:
            await connection.send("GET", path)


def measure(
    platform: Platform, turns: dict[str, Turn], *, per_second: float, seconds: float
) -> dict[str, Any]:
    """Cores and the highest memory of each component under the load.

    Raises Unexpected if calls failed.
    """
    visitors = Visitors(platform.gateway_url, turns, per_second)
    visitors.run(5)
    wait_until_quiet(platform)
    before = cpu_seconds(platform.runtime)
    with _highest_memory(platform) as highest:
        calls, failed = visitors.run(seconds)
        wait_until_quiet(platform)
    after = cpu_seconds(platform.runtime)
    if failed:
        raise Unexpected(f"{failed} of {calls} calls failed: the load is too high for this machine")
    cores = by_component(
        platform, {name: (after[name] - before.get(name, 0.0)) / seconds for name in after}
    )
    return {
        "load": {
            "visits_per_second": per_second,
            "seconds": seconds,
            "calls_per_visit": VISIT,
            "orders_per_hour": _orders(per_second),
        },
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "components": {
            name: {"cores": round(cores[name], 4), "memory_mib": math.ceil(highest[name] / 2**20)}
            for name in sorted(cores)
            if name not in OUTSIDE
        },
    }


def _orders(per_second: float) -> int:
    return round(VISIT["place order"] * per_second * 3600)


@contextmanager
def _highest_memory(platform: Platform) -> Iterator[dict[str, float]]:
    highest: dict[str, float] = {}
    done = threading.Event()

    def look() -> None:
        while True:
            sizes = by_component(
                platform,
                {name: float(size) for name, size in resident_bytes(platform.runtime).items()},
            )
            for name, size in sizes.items():
                highest[name] = max(highest.get(name, 0.0), size)
            if done.wait(LOOK_SECONDS):
                return

    thread = threading.Thread(target=look, name="memory")
    thread.start()
    try:
        yield highest
    finally:
        done.set()
        thread.join()


@dataclass(frozen=True)
class Proposal:
    """Resources for a component. CPU and memory are one pod's."""

    replicas: int
    cpu_milli: int
    memory_mib: int


def proposals(sizing: dict[str, Any], *, factor: float = 1.0) -> dict[str, Proposal]:
    """Rounded requests for `factor` times the measured load; memory is request and limit.

    CPU grows with the load, memory does not.
    """
    found: dict[str, Proposal] = {}
    for name, used in sizing["components"].items():
        cores = used["cores"] * factor
        replicas = 1 if name in (POSTGRES, "nats") else max(1, math.ceil(cores / FULL_CORE))
        cpu = _up(1000 * cores * CPU_HEADROOM / replicas, CPU_STEP_MILLI)
        found[name] = Proposal(
            replicas, cpu, _up(used["memory_mib"] * MEMORY_HEADROOM, MEMORY_STEP_MIB)
        )
    return found


def _up(value: float, step: int) -> int:
    return max(step, math.ceil(value / step) * step)


def as_values(found: dict[str, Proposal]) -> str:
    """The proposals as values of the chart, for a person to accept."""
    lines = ["services:"]
    for name, one in found.items():
        if name not in (POSTGRES, "nats"):
            lines += [
                f"  {name}:",
                f"    resources: {{cpu: {one.cpu_milli}m, memory: {one.memory_mib}Mi}}",
            ]
            if one.replicas > 1:
                lines.append(f"    replicas: {one.replicas}")
    return "\n".join(lines) + "\n"


def as_table(sizing: dict[str, Any], factors: dict[str, float]) -> str:
    """A Markdown table: a row per component, a column per size of shop."""
    sizes = {name: proposals(sizing, factor=factor) for name, factor in factors.items()}
    rate = sizing["load"]["visits_per_second"]
    heads = [
        f"{name}: {rate * factor:g} visits/s, {_orders(rate * factor):,} orders/h"
        for name, factor in factors.items()
    ]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for component in sizing["components"]:
        cells = [
            f"{one.replicas} × {one.cpu_milli}m, {one.memory_mib} Mi"
            for one in (sizes[name][component] for name in factors)
        ]
        lines.append(f"| {component} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def write(sizing: dict[str, Any], path: Path) -> None:
    """Keeps the figures beside the documents that are made from them."""
    path.write_text(json.dumps(sizing, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """The figures of an earlier run. Raises StackError where there are none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise StackError(
            f"there is no {path}", advice="`make sizing` measures and writes it"
        ) from None
