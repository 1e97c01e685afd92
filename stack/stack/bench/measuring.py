"""Runs a load and returns requests per second, times, and CPU per request of each process.

CPU is measured until no work is left.
"""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from stack.bench.load import Timing, Turn, load
from stack.bench.quiet import Quiet
from stack.bench.usage import by_component, cpu_seconds
from stack.embedded.processes import ProcessTable
from stack.platform import Platform
from stack.runtime import Runtime

WARM_UP_SECONDS: Final = 1.0
# They stand for what a shop's own operator does not run: a bank, a mail server, a trace store.
OUTSIDE: Final = ("simulator", "mailbox", "sink")


@dataclass(frozen=True)
class Cell:
    """One measured load.

    CPU is in milliseconds per turn; `cpu_ms` sums the platform and its servers, `outside_ms` the
    stand-ins. `times_floor` is how many times the floor it costs, 0 where there is none.
    """

    scenario: str
    concurrency: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    turns: int
    errors: int
    cpu_ms: float
    outside_ms: float
    client_ms: float
    split_ms: dict[str, float] = field(default_factory=dict)
    draw: str = ""
    cache: str = ""
    times_floor: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Values rounded to what the clock can tell."""
        values = asdict(self)
        for name, value in values.items():
            if isinstance(value, float):
                values[name] = round(value, 3)
        values["split_ms"] = {name: round(value, 3) for name, value in self.split_ms.items()}
        return values


@dataclass
class Meter:
    """Measures loads on what `table` runs; `settle` returns when all that a load caused is done."""

    url: str
    table: ProcessTable | Runtime
    settle: Callable[[], None]
    group: Callable[[dict[str, float]], dict[str, float]]
    seconds: float = 4.0

    @classmethod
    def for_platform(cls, platform: Platform, quiet: Quiet, *, seconds: float) -> Meter:
        return cls(
            platform.gateway_url,
            platform.runtime,
            quiet.wait,
            lambda cpu: by_component(platform, cpu),
            seconds,
        )

    def measure(self, scenario: str, turn: Turn, concurrency: int, **labels: str) -> Cell:
        """One cell, after a warm-up that is not counted."""
        self._load(turn, concurrency, min(WARM_UP_SECONDS, self.seconds))
        self.settle()
        before, mine = cpu_seconds(self.table), _own_cpu()
        timing = self._load(turn, concurrency, self.seconds)
        client = _own_cpu() - mine
        self.settle()
        after = cpu_seconds(self.table)
        used = self.group({name: after[name] - before.get(name, 0.0) for name in after})
        return _cell(scenario, concurrency, timing, used, client, labels)

    def _load(self, turn: Turn, concurrency: int, seconds: float) -> Timing:
        return asyncio.run(load(self.url, turn, concurrency=concurrency, seconds=seconds))


def _cell(
    scenario: str,
    concurrency: int,
    timing: Timing,
    used: dict[str, float],
    client: float,
    labels: dict[str, str],
) -> Cell:
    turns = max(1, len(timing.seconds))
    split = {name: 1000 * seconds / turns for name, seconds in used.items() if seconds > 0}
    return Cell(
        scenario,
        concurrency,
        timing.per_second,
        timing.quantile_ms(0.50),
        timing.quantile_ms(0.95),
        timing.quantile_ms(0.99),
        len(timing.seconds),
        timing.errors,
        cpu_ms=sum(value for name, value in split.items() if name not in OUTSIDE),
        outside_ms=sum(value for name, value in split.items() if name in OUTSIDE),
        client_ms=1000 * client / turns,
        split_ms=dict(sorted(split.items(), key=lambda pair: -pair[1])),
        draw=labels.get("draw", ""),
        cache=labels.get("cache", ""),
    )


def _own_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def machine() -> dict[str, Any]:
    """Source of the figures."""
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), ""
        )
    return {
        "cores": os.cpu_count(),
        "processor": model,
        "load_before": round(os.getloadavg()[0], 2),
    }
