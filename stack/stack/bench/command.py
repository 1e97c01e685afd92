"""The command `bench`: its options, and running it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stack.binaries import checkout

if TYPE_CHECKING:
    from rich.console import Console

    from stack.bench.running import Plan
    from stack.platform import Platform

PARTS: Final = ("floor", "reads", "writes", "beacon", "funnel")


def add_options(parser: argparse.ArgumentParser) -> None:
    """What `bench` can be told."""
    parser.add_argument("--products", type=int, default=1000, metavar="N", help="size of the catalogue (default 1000)")
    parser.add_argument("--seconds", type=float, default=4.0, metavar="S", help="how long each load runs (default 4)")
    parser.add_argument("--concurrency", type=_numbers, default=(1, 8, 32), metavar="N,…", help="requests at once (default 1,8,32)")
    parser.add_argument("--parts", type=_parts, default=PARTS, metavar="PART,…", help=f"of {', '.join(PARTS)} (default all)")
    parser.add_argument("--touchpoints", type=int, default=1_000_000, metavar="N", help="history behind the funnel (default 1000000)")
    parser.add_argument("--sample-rate", type=float, default=0.1, metavar="R", help="share of requests that are traced (default 0.1)")
    parser.add_argument("--output", type=Path, default=checkout() / ".stack" / "bench.json", metavar="FILE", help="the figures as JSON")
    parser.add_argument("--keep", action="store_true", help="keep the stack's data and logs")
    parser.set_defaults(home=checkout() / ".stack" / "bench")


def settings(chosen: argparse.Namespace) -> dict[str, dict[str, str]]:
    """What the platform is told for a benchmark."""
    from stack.bench import running

    return running.settings_of(_plan(chosen))


def run(platform: Platform, chosen: argparse.Namespace, console: Console) -> int:
    """Measures, prints and writes the figures. Returns how many answers were not what they should be."""
    from stack.bench import running

    figures = running.run(platform, _plan(chosen), console)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(figures.as_json(), indent=1) + "\n", encoding="utf-8")
    console.print(f"\nas JSON in {chosen.output}")
    return sum(cell.errors for cell in figures.cells)


def _plan(chosen: argparse.Namespace) -> Plan:
    # What measures is imported when it is needed: every command of the stack reads these options.
    from stack.bench.running import Plan

    return Plan(
        products=chosen.products, seconds=chosen.seconds, concurrency=chosen.concurrency, parts=chosen.parts,
        touchpoints=chosen.touchpoints, sample_rate=chosen.sample_rate,
    )  # fmt: skip


def _numbers(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of numbers from 1, such as 1,8,32")
    return numbers


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}")
    return parts
