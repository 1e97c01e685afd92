"""One map's funnel over a long history, imported as a shop would import it."""

from __future__ import annotations

import asyncio
import csv
import random
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from stack import environment, topology
from stack.bench import quiet
from stack.bench.load import Unexpected
from stack.bench.usage import cpu_seconds
from stack.platform import Platform
from stack.shoppers.shopper import Api

IMPORT_SECONDS: Final = 1_800.0
REPEATS: Final = 5
_DAYS: Final = 60
# Kinds as a shop has them, likelier ones more than once.
_KINDS: Final = (
    "page.view", "page.view", "category.view", "category.view", "search", "product.view",
    "product.view", "product.view", "product.view",
    "product.view", "cart.view", "cart.add", "cart.add", "checkout.start", "order.placed",
    "order.shipped", "account.login", "feedback.given",
)  # fmt: skip


def history(count: int, *, seed: int = 1) -> Iterator[tuple[str, str, str, str, str]]:
    """Rows of (visitor, customer, time, kind, subject): ten a visitor over sixty days.

    Half of the visitors become customers.
    """
    draw = random.Random(seed)
    visitors = max(1, count // 10)
    step = timedelta(days=_DAYS) / count
    began = datetime.now(UTC) - timedelta(days=_DAYS)
    for number in range(count):
        visitor = draw.randrange(visitors)
        customer = str(uuid.UUID(int=visitor)) if number % 20 == 0 and visitor % 2 == 0 else ""
        yield (
            f"v{visitor}",
            customer,
            (began + number * step).isoformat(),
            draw.choice(_KINDS),
            f"tea-{number % 1000}",
        )


def measure(platform: Platform, count: int, console: Console) -> dict[str, Any]:
    """Imports `count` touchpoints and asks for the built-in map's funnel.

    Returns seconds of wall and CPU.
    """
    path = platform.home / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("visitor", "customer", "time", "kind", "subject"))
        writer.writerows(history(count))
    try:
        began = time.perf_counter()
        import_file(platform, path)
        imported = time.perf_counter() - began
    finally:
        path.unlink()
    figures = {
        "touchpoints": count,
        "import_seconds": round(imported, 1),
        "import_per_second": round(count / imported),
    }
    console.print(
        f"\n[bold]funnel over {count:,} touchpoints[/], imported in {imported:.0f} s "
        f"({count / imported:,.0f} a second)"
    )
    # Else it is asked while the server does that.
    quiet.vacuum(platform)
    figures |= asyncio.run(_ask(platform))
    console.print("  " + ", ".join(f"{name} {value}" for name, value in figures.items()))
    return figures


def import_file(platform: Platform, path: Path) -> None:
    """Imports a file of `history` by the command of the journey service."""
    component = next(component for component in platform.components if component.name == "journey")
    arguments = (
        "--person",
        "visitor",
        "--customer",
        "customer",
        "--time",
        "time",
        "--kind",
        "kind",
        "--subject",
        "subject",
    )
    program = environment.command(
        component,
        platform.wiring,
        ("import", *arguments, "--format", "csv", "--source", "bench", str(path)),
    )
    platform.runtime.run("journey-import", program, within_seconds=IMPORT_SECONDS)


_ASKED: Final = {
    "funnel": "/v1/staff/funnel?touchpoints=false",
    "funnel_7_days": "/v1/staff/funnel?touchpoints=false&window_seconds=604800",
    "funnel_and_touchpoints": "/v1/staff/funnel",
}


async def _ask(platform: Platform) -> dict[str, Any]:
    """Medians of seconds, and of CPU seconds of PostgreSQL, for each question."""
    figures: dict[str, Any] = {}
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(topology.STAFF_EMAIL, platform.staff_password)
        for name, path in _ASKED.items():
            seconds: list[float] = []
            used: list[float] = []
            for _ in range(REPEATS):
                before, began = _cpu(platform), time.perf_counter()
                funnel = (await staff.call("GET", path)).body
                seconds.append(time.perf_counter() - began)
                used.append(_cpu(platform) - before)
            if not funnel["segments"][0]["stages"]:
                raise Unexpected("the funnel is empty")
            figures |= {
                f"{name}_seconds": round(sorted(seconds)[REPEATS // 2], 2),
                f"{name}_cpu_seconds": round(sorted(used)[REPEATS // 2], 2),
            }
    return figures


def _cpu(platform: Platform) -> float:
    """Of all of PostgreSQL's processes, parallel workers that ended included."""
    return cpu_seconds(platform.runtime)["postgres"]
