"""States of the components, and the order in which they are stopped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stack.embedded import nats, postgres
from stack.embedded.processes import Recorded
from stack.topology import Component


class State(StrEnum):
    READY = "ready"
    NOT_READY = "not ready"
    CRASHED = "crashed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ComponentStatus:
    """One line of the status. `pid` and `uptime_seconds` are None unless the process is alive."""

    name: str
    state: State
    pid: int | None
    ports: Mapping[str, int]
    uptime_seconds: float | None


def stopping_order(
    recorded: Iterable[Recorded], components: Iterable[Component]
) -> list[list[str]]:
    """Returns groups of names in stopping order: callers, services, singletons, servers."""
    by_name = {component.name: component for component in components}
    groups: list[list[str]] = [[], [], [], []]
    for process in recorded:
        component = by_name.get(process.name) or by_name.get(process.name.rpartition("-")[0])
        if process.name in (postgres.NAME, nats.NAME):
            groups[3].append(process.name)
        elif component and component.singleton:
            groups[2].append(process.name)
        elif component and component.peers and "grpc" not in component.ports:
            groups[0].append(process.name)
        else:
            groups[1].append(process.name)
    return groups
