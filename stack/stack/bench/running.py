"""The benchmark: the whole platform on this machine, filled, loaded and read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from statistics import median
from typing import Any, Final

from rich.console import Console

from stack.bench import funnel, growth, journey, quiet, scenarios
from stack.bench.catalogue import Draw, Stocked
from stack.bench.floor_stack import BARE, HOP, floor
from stack.bench.load import Turn
from stack.bench.measuring import Cell, Meter, machine
from stack.bench.report import print_cells
from stack.bench.usage import by_component, resident_bytes
from stack.platform import Platform
from stack.shoppers import demo, demo_catalogue
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL

CONCURRENCY: Final = (1, 8, 32)
GUESTS: Final = 64
# Products that shoppers look at, spread over the whole catalogue.
MOST_DRAWN: Final = 50_000
# One machine plays all shoppers, from one address.
UNLIMITED: Final = {
    "RATE_LIMIT_PER_MINUTE": "100000000",
    "LOGIN_RATE_LIMIT_PER_MINUTE": "100000000",
}


@dataclass(frozen=True)
class Plan:
    """Options of a measurement."""

    products: int = 1000
    seconds: float = 3.0
    rounds: int = 3
    concurrency: Sequence[int] = CONCURRENCY
    parts: Sequence[str] = ()
    touchpoints: int = 1_000_000
    sample_rate: float = 1.0


@dataclass
class Figures:
    """Result, in the form of the JSON file."""

    plan: Plan
    cells: list[Cell] = field(default_factory=list)
    ready_seconds: dict[str, float] = field(default_factory=dict)
    idle_megabytes: dict[str, float] = field(default_factory=dict)
    loaded_megabytes: dict[str, float] = field(default_factory=dict)
    growth: dict[str, Any] = field(default_factory=dict)
    funnel: dict[str, Any] = field(default_factory=dict)
    journey: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=machine)

    def as_json(self) -> dict[str, Any]:
        return {
            "products": self.plan.products,
            "seconds": self.plan.seconds,
            "rounds": self.plan.rounds,
            "trace_sample_rate": self.plan.sample_rate,
            "machine": self.machine,
            "ready_seconds": self.ready_seconds,
            "idle_megabytes": self.idle_megabytes,
            "loaded_megabytes": self.loaded_megabytes,
            "cells": [cell.as_json() for cell in self.cells],
            "growth": self.growth,
            "funnel": self.funnel,
            "journey": self.journey,
        }


def settings_of(plan: Plan, *, cache: bool = True) -> dict[str, dict[str, str]]:
    """Settings of the platform for a benchmark: no limits, and traces sampled as asked."""
    sampled = {"TRACE_SAMPLE_RATE": str(plan.sample_rate)}
    components = ("catalog", "cart", "checkout", "identity", "notifications", "journey")
    return {
        **{name: dict(sampled) for name in components},
        "gateway": {**UNLIMITED, **sampled, **({} if cache else {"CACHE_SECONDS": "0"})},
    }


def run(platform: Platform, plan: Plan, console: Console) -> Figures:
    """Measures everything that the plan names, on a platform that is up."""
    figures = Figures(plan)
    figures.ready_seconds = _ready_seconds(platform)
    if "journey" in plan.parts:
        figures.journey = journey.measure(platform, plan.touchpoints, console)
    if set(plan.parts) == {"journey"}:
        return figures
    platform.ready_seconds = growth.start_seconds(plan.products)
    watch = growth.Stopwatch(platform)
    with watch.running():
        asyncio.run(demo.fill(platform, plan.products, console))
        quiet.wait_until_quiet(platform, within_seconds=growth.start_seconds(plan.products))
    stocked, tokens = asyncio.run(prepared(platform, plan))
    quiet.vacuum(platform)
    if "growth" in plan.parts:
        figures.growth = growth.measure(platform, plan.products, watch.spent, console).as_json()
    figures.idle_megabytes = _megabytes(platform)
    with ExitStack() as stack:
        meter = Meter.for_platform(
            platform, stack.enter_context(closing(quiet.Quiet(platform))), seconds=plan.seconds
        )
        floors = (
            stack.enter_context(floor(platform.home / "floor", plan.seconds))
            if "floor" in plan.parts
            else {}
        )
        beside = [Load(name, turn, bare) for name, (bare, turn) in floors.items()]
        if "reads" in plan.parts:
            for cache in ("off", "on"):
                with _gateway_with(platform, settings_of(plan, cache=cache == "on")):
                    _measure(figures, console, _reads(stocked, meter, cache), beside)
        elif beside:
            _measure(figures, console, beside)
        if "writes" in plan.parts:
            _measure(
                figures,
                console,
                [
                    Load(name, turn, meter)
                    for name, turn in scenarios.writes_of(tokens, stocked).items()
                ],
            )
        if "beacon" in plan.parts:
            _measure(figures, console, [Load("beacon of 50", scenarios.beacon(), meter)])
    figures.loaded_megabytes = _megabytes(platform)
    if "funnel" in plan.parts:
        figures.funnel = funnel.measure(platform, plan.touchpoints, console)
    return figures


@dataclass(frozen=True)
class Load:
    """Load that is measured at each concurrency.

    `floor` names the load that it is compared with.
    """

    name: str
    turn: Turn
    meter: Meter
    floor: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def _measure(
    figures: Figures, console: Console, loads: Sequence[Load], beside: Sequence[Load] = ()
) -> None:
    """Measures loads in rounds, and what they are compared with beside them.

    What stands beside several is in the figures once.
    """
    cells = in_rounds([*beside, *loads], figures.plan)
    seen = {cell.scenario for cell in figures.cells}
    for load, row in zip([*beside, *loads], cells, strict=True):
        if load not in beside or load.name not in seen:
            figures.cells += row
            print_cells(row, console)


def in_rounds(loads: Sequence[Load], plan: Plan) -> list[list[Cell]]:
    """Measures each load at each concurrency in every round, and keeps the median by CPU.

    A machine has better and worse minutes.

    How many times its floor a load costs is the median over rounds, each with the floor of its own
    round.
    """
    rounds = [
        [
            [
                load.meter.measure(load.name, load.turn, concurrency, **load.labels)
                for concurrency in plan.concurrency
            ]
            for load in loads
        ]
        for _ in range(plan.rounds)
    ]
    floors = {load.name: number for number, load in enumerate(loads) if not load.floor}
    rows: list[list[Cell]] = []
    for number, load in enumerate(loads):
        rows.append([])
        for at in range(len(plan.concurrency)):
            measured = sorted((one[number][at] for one in rounds), key=lambda cell: cell.cpu_ms)
            cell = measured[len(measured) // 2]
            if load.floor in floors:
                times = median(
                    one[number][at].cpu_ms / one[floors[load.floor]][at].cpu_ms for one in rounds
                )
                cell = replace(cell, times_floor=times)
            rows[-1].append(cell)
    return rows


def _reads(stocked: Stocked, meter: Meter, cache: str) -> list[Load]:
    return [
        Load(
            name,
            turn_of(draw),
            meter,
            BARE if cache == "on" else HOP,
            {"draw": draw.value, "cache": cache},
        )
        for name, turn_of in scenarios.reads_of(stocked).items()
        for draw in Draw
    ]


@contextmanager
def _gateway_with(platform: Platform, settings: dict[str, dict[str, str]]) -> Iterator[None]:
    before = platform.settings
    platform.settings = settings
    try:
        platform.restart("gateway")
        yield
    finally:
        platform.settings = before
        platform.restart("gateway")


async def prepared(platform: Platform, plan: Plan) -> tuple[Stocked, list[str]]:
    """Assortment that shoppers look at and buy, and the tokens of some guests."""
    step = max(plan.products // MOST_DRAWN, 1)
    made = [
        (product["slug"], product["title"]["en"])
        for product in islice(demo_catalogue.products(plan.products), 0, plan.products, step)
    ]
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        stocked = await Stocked.read(
            staff, slugs=[slug for slug, _ in made], titles=[title for _, title in made]
        )
        # Nothing sells out while it is measured.
        for sku in stocked.skus:
            await staff.call("PUT", f"/v1/staff/stock/{sku}", {"on_hand": 10_000_000})
    tokens = []
    for _ in range(GUESTS):
        async with Api(platform.gateway_urls) as guest:
            tokens.append(str((await guest.become_guest()).body["access_token"]))
    return stocked, tokens


def _ready_seconds(platform: Platform) -> dict[str, float]:
    """Returns the time of each service from its start until it is ready, one after the other."""
    seconds: dict[str, float] = {}
    for component in platform.components:
        if "admin" in component.ports:
            platform.terminate(component.name)
            began = time.perf_counter()
            platform.start(component.name)
            seconds[component.name] = round(time.perf_counter() - began, 2)
    return seconds


def _megabytes(platform: Platform) -> dict[str, float]:
    sums = by_component(
        platform, {name: float(size) for name, size in resident_bytes(platform.runtime).items()}
    )
    return {
        name: round(size / 2**20, 1)
        for name, size in sorted(sums.items(), key=lambda pair: -pair[1])
    }
