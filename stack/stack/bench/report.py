"""A benchmark's figures for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console

from stack.bench.measuring import Cell

_MOST_PARTS: Final = 6
_LEAST_MS: Final = 0.01


def print_cells(cells: Sequence[Cell], console: Console) -> None:
    """A line per concurrency.

    CPU is in milliseconds per turn, of the platform and its servers; `floors` says how many times
    the floor that is, and `outside` is of what stands for others.
    """
    first = cells[0]
    what = ", ".join(
        filter(None, [first.scenario, first.draw, f"cache {first.cache}" if first.cache else ""])
    )
    console.print(f"\n[bold]{what}[/]")
    console.print(
        "  at once    per s   p50 ms   p95 ms   p99 ms  errors   CPU ms   floors  outside  by "
        "process",
        style="dim",
    )
    for cell in cells:
        rate = f"{cell.per_second:,.0f}" if cell.per_second >= 100 else f"{cell.per_second:.1f}"
        console.print(
            f"  {cell.concurrency:>7} {rate:>8} {cell.p50_ms:>8.1f} {cell.p95_ms:>8.1f} "
            f"{cell.p99_ms:>8.1f} {cell.errors:>7}"
            f" {cell.cpu_ms:>8.2f} {f'{cell.times_floor:.2f}x' if cell.times_floor else '':>8} "
            f"{cell.outside_ms:>8.2f}  {split_text(cell)}",
            soft_wrap=True,
        )


def split_text(cell: Cell) -> str:
    """The largest parts of a cell's CPU."""
    parts = [f"{name} {value:.2f}" for name, value in cell.split_ms.items() if value >= _LEAST_MS]
    return ", ".join(parts[:_MOST_PARTS]) + (", …" if len(parts) > _MOST_PARTS else "")
