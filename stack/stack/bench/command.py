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

PARTS: Final = ("growth", "floor", "reads", "writes", "beacon", "funnel", "journey")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Options of `bench`."""
    parser.add_argument(
        "--products",
        type=int,
        default=1000,
        metavar="N",
        help="size of the catalogue (default 1000)",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=3.0,
        metavar="S",
        help="how long each load runs in a round (default 3)",
    )
    parser.add_argument(
        "--rounds",
        type=_count,
        default=3,
        metavar="N",
        help="how often; the median by CPU counts (default 3)",
    )
    parser.add_argument(
        "--concurrency",
        type=_numbers,
        default=(1, 8, 32),
        metavar="N,…",
        help="requests at once (default 1,8,32)",
    )
    parser.add_argument(
        "--parts",
        type=_parts,
        default=PARTS,
        metavar="PART,…",
        help=f"of {', '.join(PARTS)} (default all)",
    )
    parser.add_argument(
        "--touchpoints",
        type=int,
        default=1_000_000,
        metavar="N",
        help="history behind the funnel and the questions (default 1000000)",
    )
    parser.add_argument(
        "--sample-rate",
        type=float,
        default=0.1,
        metavar="R",
        help="share of requests that are traced (default 0.1)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=checkout() / ".stack" / "bench.json",
        metavar="FILE",
        help="the figures as JSON",
    )
    parser.add_argument("--keep", action="store_true", help="keep the stack's data and logs")
    parser.set_defaults(home=checkout() / ".stack" / "bench")


def settings(chosen: argparse.Namespace) -> dict[str, dict[str, str]]:
    """Settings of the platform for a benchmark."""
    from stack.bench import running

    return running.settings_of(_plan(chosen))


def run(platform: Platform, chosen: argparse.Namespace, console: Console) -> int:
    """Measures, prints and writes the figures.

    Returns how many answers were not what they should be.
    """
    from stack.bench import running

    figures = running.run(platform, _plan(chosen), console)
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(figures.as_json(), indent=1) + "\n", encoding="utf-8")
    console.print(f"\nas JSON in {chosen.output}")
    return sum(cell.errors for cell in figures.cells)


def add_sizing_options(parser: argparse.ArgumentParser) -> None:
    """Options of `sizing`."""
    parser.add_argument(
        "--visits",
        type=float,
        default=10.0,
        metavar="N",
        help="visits per second of the load (default 10)",
    )
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="how long (default 60)"
    )
    parser.add_argument(
        "--products",
        type=int,
        default=1000,
        metavar="N",
        help="size of the catalogue (default 1000)",
    )
    parser.add_argument(
        "--propose",
        action="store_true",
        help="measure nothing; print values of the chart from what was measured last",
    )
    parser.add_argument(
        "--table",
        action="store_true",
        help="measure nothing; print the table of sizes for the documents",
    )
    parser.add_argument(
        "--factor",
        type=float,
        default=1.0,
        metavar="F",
        help="with --propose: times the measured load (default 1)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=checkout() / "docs" / "sizing.json",
        metavar="FILE",
        help="default docs/sizing.json",
    )
    parser.add_argument("--keep", action="store_true", help="keep the stack's data and logs")
    parser.set_defaults(home=checkout() / ".stack" / "sizing")


def limitless() -> dict[str, dict[str, str]]:
    """Settings of the platform if one machine plays all shoppers."""
    from stack.bench.running import Plan, settings_of

    return settings_of(Plan(sample_rate=0.1))


def told(chosen: argparse.Namespace) -> str | None:
    """Returns the proposal from the last measurement, if only that is asked for.

    Raises StackError if there was none.
    """
    from stack.bench import sizing

    if chosen.table:
        return sizing.as_table(sizing.read(chosen.output), sizing.SIZES)
    return (
        sizing.as_values(sizing.proposals(sizing.read(chosen.output), factor=chosen.factor))
        if chosen.propose
        else None
    )


def size(platform: Platform, chosen: argparse.Namespace, console: Console) -> None:
    """Measures what the services use under the reference load, and writes it down."""
    import asyncio

    from stack.bench import quiet, running, sizing
    from stack.bench.running import Plan
    from stack.shoppers import demo

    asyncio.run(demo.fill(platform, chosen.products, console))
    stocked, tokens = asyncio.run(running.prepared(platform, Plan(products=chosen.products)))
    quiet.vacuum(platform)
    console.print("filling the caches")
    asyncio.run(sizing.fill_caches(platform, stocked))
    found = sizing.measure(
        platform, sizing.turns_of(tokens, stocked), per_second=chosen.visits, seconds=chosen.seconds
    )
    sizing.write(found, chosen.output)
    for name, used in found["components"].items():
        console.print(f"  {name:<14} {1000 * used['cores']:>6.0f}m  {used['memory_mib']:>5} MiB")
    console.print(
        f"written to {chosen.output}; `make sizing ARGS=--propose` turns it into values of the "
        "chart"
    )


def _plan(chosen: argparse.Namespace) -> Plan:
    # What measures is imported when it is needed: every command of the stack reads these options.
    from stack.bench.running import Plan

    return Plan(
        products=chosen.products,
        seconds=chosen.seconds,
        rounds=chosen.rounds,
        concurrency=chosen.concurrency,
        parts=chosen.parts,
        touchpoints=chosen.touchpoints,
        sample_rate=chosen.sample_rate,
    )


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a list of numbers from 1, such as 1,8,32"
        )
    return numbers


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: the parts are {', '.join(PARTS)}"
        )
    return parts
