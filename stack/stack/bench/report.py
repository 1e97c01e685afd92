"""A benchmark's figures for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from stack.bench.measuring import Cell

_MOST_PARTS: Final = 6
_LEAST_MS: Final = 0.01


def print_cells(cells: Sequence[Cell], console: Console) -> None:
    """A line per concurrency."""
    first = cells[0]
    what = ", ".join(filter(None, [first.scenario, first.draw, f"cache {first.cache}" if first.cache else ""]))
    console.print(f"\n[bold]{what}[/]")
    table = Table(
        "at once", "per s", "p50 ms", "p95", "p99", "errors", "CPU ms", "outside", "client", "CPU ms by process", box=None, pad_edge=False
    )
    for cell in cells:
        table.add_row(
            str(cell.concurrency), f"{cell.per_second:,.0f}" if cell.per_second >= 100 else f"{cell.per_second:.1f}",
            f"{cell.p50_ms:.1f}", f"{cell.p95_ms:.1f}", f"{cell.p99_ms:.1f}", str(cell.errors),
            f"{cell.cpu_ms:.2f}", f"{cell.outside_ms:.2f}", f"{cell.client_ms:.2f}", split_text(cell),
        )  # fmt: skip
    console.print(table, no_wrap=True, width=200, crop=False)


def split_text(cell: Cell) -> str:
    """The largest parts of a cell's CPU."""
    parts = [f"{name} {value:.2f}" for name, value in cell.split_ms.items() if value >= _LEAST_MS]
    return ", ".join(parts[:_MOST_PARTS]) + (", …" if len(parts) > _MOST_PARTS else "")
