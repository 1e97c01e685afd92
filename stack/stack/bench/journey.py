"""A long history: its ingest through the service's import, and questions over its files."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from stack.bench.funnel import history, import_file
from stack.bench.usage import cpu_seconds
from stack.binaries import checkout
from stack.errors import StackError
from stack.platform import Platform

# Of the import: a long one tells no more, and takes long.
MOST_IMPORTED: Final = 200_000
_PROGRAM: Final = "services.journey.tests.bench_history_files"


def measure(platform: Platform, count: int, console: Console) -> dict[str, Any]:
    """Imports touchpoints, and asks questions about `count` of them that lie in files.

    The questions have a process of their own, which prints its figures and the load.
    """
    return {
        "import": _ingest(platform, min(count, MOST_IMPORTED), console),
        **_ask(platform, count),
    }


def _ingest(platform: Platform, count: int, console: Console) -> dict[str, Any]:
    path = platform.home / "ingest.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("visitor", "customer", "time", "kind", "subject"))
        writer.writerows(history(count))
    used, began = cpu_seconds(platform.runtime)["postgres"], time.perf_counter()
    import_file(platform, path)
    seconds = time.perf_counter() - began
    used = cpu_seconds(platform.runtime)["postgres"] - used
    path.unlink()
    console.print(
        f"\n[bold]import of {count:,} touchpoints[/]: {count / seconds:,.0f} a second, with"
        f" {used / seconds:.1f} cores of PostgreSQL"
    )
    return {"touchpoints": count, "per_second": round(count / seconds)}


def _ask(platform: Platform, count: int) -> dict[str, Any]:
    output = Path(platform.home) / "journey.json"
    arguments = ("--touchpoints", str(count), "--output", str(output))
    done = subprocess.run((sys.executable, "-m", _PROGRAM, *arguments), cwd=checkout(), check=False)
    if done.returncode:
        raise StackError("the questions over files failed; their error is above")
    figures: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return figures
