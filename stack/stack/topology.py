"""Topology: every component with its ports, its database and the peers that it calls.

COMPONENTS are those of `deploy/topology.yaml` that run on one machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from stack.binaries import checkout

STAFF_EMAIL: Final = "staff@sojourn.example"
STAFF_PASSWORD_SECRET: Final = "staff.password"  # noqa: S105  # the name of a file
SYNTHETIC_KEY_SECRET: Final = "synthetic.api-key"  # noqa: S105  # the same
INFRASTRUCTURE_PORTS: Final = {"postgres.sql": 5433, "nats.client": 4223, "nats.monitor": 8223}


@dataclass(frozen=True)
class Component:
    """One program.

    `command` follows `python -m`; `ports` are the first replica's, by kind (grpc, admin, http,
    smtp).

    A `singleton` has one instance, named as the component, and starts before the others. One with a
    `folder` keeps files in one of its own. It calls `peers` by gRPC. The broker lets it publish to
    `publishes`, take `consumes` from a stream of its own place in it, and hear `listens` live.
    `client_scopes` are what its service token allows; None means that it gets no token. `acts_at`
    are services at which it may act for a shopper.
    """

    name: str
    command: tuple[str, ...]
    ports: Mapping[str, int]
    replica_step: int = 10
    replicas: int = 1
    singleton: bool = False
    folder: bool = False
    database: bool = False
    broker: bool = False
    peers: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()
    listens: tuple[str, ...] = ()
    client_scopes: tuple[str, ...] | None = None
    acts_at: tuple[str, ...] = ()

    @property
    def ready_port(self) -> str:
        """The kind of the port that answers /readyz."""
        return "admin" if "admin" in self.ports else "http"


@dataclass(frozen=True)
class Instance:
    """One process of a component. `index` counts from 0."""

    component: Component
    index: int

    @property
    def name(self) -> str:
        return (
            self.component.name
            if self.component.singleton
            else f"{self.component.name}-{self.index + 1}"
        )


def _component(name: str, stated: Mapping[str, Any]) -> Component:
    """Returns a component of this machine as the topology states it."""
    local, client = stated["local"], stated.get("client", {"enabled": False})
    has_database = stated.get("database", {"enabled": True})["enabled"]
    if "command" in local:
        command: tuple[str, ...] = (local["command"],)
    elif "admin" not in local["ports"]:
        command = (name,)
    else:
        command = (name, "all" if has_database else "serve")
    return Component(
        name=name,
        command=command,
        ports=local["ports"],
        replica_step=local.get("replicaStep", 10),
        singleton=local.get("singleton", False),
        folder=local.get("folder", False),
        database=has_database,
        broker=stated.get("broker", True),
        peers=tuple(call for call in stated.get("calls", ()) if "/" not in call),
        publishes=tuple(stated.get("publishes", ())),
        consumes=tuple(stated.get("consumes", ())),
        listens=tuple(stated.get("listens", ())),
        client_scopes=tuple(client.get("scopes", ())) if client["enabled"] else None,
        acts_at=tuple(client.get("actsAt", ())),
    )


def _components() -> tuple[Component, ...]:
    """Returns the components of this machine, singletons first."""
    stated = yaml.safe_load((checkout() / "deploy" / "topology.yaml").read_text())["components"]
    found = [_component(name, entry) for name, entry in stated.items() if "local" in entry]
    return tuple(sorted(found, key=lambda component: not component.singleton))


# Replicas of a service are 10 apart: catalog-1 has 7101 and 7102, catalog-2 has 7111 and 7112.
COMPONENTS: Final = _components()


def instances_of(component: Component, replicas: Mapping[str, int]) -> list[Instance]:
    count = 1 if component.singleton else replicas.get(component.name, component.replicas)
    return [Instance(component, index) for index in range(count)]


def instances(components: Iterable[Component], replicas: Mapping[str, int]) -> list[Instance]:
    """Returns all instances in the order of COMPONENTS; `replicas` overrides counts by name."""
    return [instance for component in components for instance in instances_of(component, replicas)]


def default_ports(components: Iterable[Component], replicas: Mapping[str, int]) -> dict[str, int]:
    """The default port of every slot (`<instance>.<kind>`), the infrastructure's included."""
    ports = dict(INFRASTRUCTURE_PORTS)
    for instance in instances(components, replicas):
        for kind, port in instance.component.ports.items():
            ports[f"{instance.name}.{kind}"] = (
                port + instance.index * instance.component.replica_step
            )
    return ports


def ports_of(instance: Instance, ports: Mapping[str, int]) -> dict[str, int]:
    """The instance's own ports by kind."""
    return {kind: ports[f"{instance.name}.{kind}"] for kind in instance.component.ports}
