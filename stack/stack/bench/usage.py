"""Usage of the platform's processes: CPU seconds and resident memory, by component."""

from __future__ import annotations

from collections.abc import Mapping

import psutil

from stack.embedded.processes import ProcessTable
from stack.platform import Platform
from stack.runtime import Runtime


def cpu_seconds(table: ProcessTable | Runtime) -> dict[str, float]:
    """CPU time of each recorded process and its descendants, ended ones included."""
    return {name: sum(_cpu_of(process) for process in tree) for name, tree in _trees(table).items()}


def resident_bytes(table: ProcessTable | Runtime) -> dict[str, int]:
    """Memory of each recorded process as proportional set size.

    PostgreSQL's shared memory counts once.
    """
    return {
        name: sum(_memory_of(process) for process in tree) for name, tree in _trees(table).items()
    }


def by_component(platform: Platform, figures: Mapping[str, float]) -> dict[str, float]:
    """Sums of the instances of each component."""
    sums: dict[str, float] = {}
    components = {component.name for component in platform.components}
    for name, figure in figures.items():
        component = name if name in components else name.rpartition("-")[0] or name
        sums[component] = sums.get(component, 0.0) + figure
    return sums


def _trees(table: ProcessTable | Runtime) -> dict[str, list[psutil.Process]]:
    trees: dict[str, list[psutil.Process]] = {}
    for recorded in table.all():
        if table.is_alive(recorded.name):
            root = psutil.Process(recorded.pid)
            trees[recorded.name] = [root, *root.children(recursive=True)]
    return trees


def _cpu_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _memory_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
