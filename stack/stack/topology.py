"""Topology: every component with its ports, its database and the peers that it calls.

`deploy/topology.yaml` says who calls, publishes, consumes and stores what; COMPONENTS adds the
ports and the commands of one machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
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


@cache
def _stated() -> Mapping[str, Mapping[str, Any]]:
    """Returns the components of `deploy/topology.yaml`."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(
        (checkout() / "deploy" / "topology.yaml").read_text()
    )["components"]
    return found


def _component(
    name: str, command: tuple[str, ...], ports: Mapping[str, int], **here: Any
) -> Component:
    """Returns a component of this machine with what the topology states of it."""
    stated = _stated()[name]
    client = stated.get("client", {"enabled": False})
    return Component(
        name=name,
        command=command,
        ports=ports,
        database=stated.get("database", {"enabled": True})["enabled"],
        broker=stated.get("broker", True),
        peers=tuple(call for call in stated.get("calls", ()) if "/" not in call),
        publishes=tuple(stated.get("publishes", ())),
        consumes=tuple(stated.get("consumes", ())),
        listens=tuple(stated.get("listens", ())),
        client_scopes=tuple(client.get("scopes", ())) if client["enabled"] else None,
        acts_at=tuple(client.get("actsAt", ())),
        **here,
    )


# Replicas of a service are 10 apart: catalog-1 has 7101 and 7102, catalog-2 has 7111 and 7112.
COMPONENTS: Final = (
    _component("sink", ("stack.traces.sink",), {"http": 4318}, singleton=True),
    _component("simulator", ("simulator",), {"http": 8090}, singleton=True, folder=True),
    _component(
        "mailbox",
        ("stack.mailbox.server",),
        {"http": 8025, "smtp": 8026},
        singleton=True,
        folder=True,
    ),
    _component("identity", ("identity", "all"), {"grpc": 7401, "admin": 7402}),
    _component("catalog", ("catalog", "all"), {"grpc": 7101, "admin": 7102}),
    _component("cart", ("cart", "all"), {"grpc": 7201, "admin": 7202}),
    _component("checkout", ("checkout", "all"), {"grpc": 7301, "admin": 7302}),
    _component("notifications", ("notifications", "all"), {"grpc": 7501, "admin": 7502}),
    _component("journey", ("journey", "all"), {"grpc": 7601, "admin": 7602}),
    _component("gateway", ("gateway", "serve"), {"http": 8080, "admin": 8081}, replica_step=2),
    _component("web", ("web", "serve"), {"http": 8070, "admin": 8071}, replica_step=2),
)


def instances_of(component: Component, replicas: Mapping[str, int]) -> list[Instance]:
    count = 1 if component.singleton else replicas.get(component.name, component.replicas)
    return [Instance(component, index) for index in range(count)]


def instances(components: Iterable[Component], replicas: Mapping[str, int]) -> list[Instance]:
    """Every process that shall run, in the order of COMPONENTS; `replicas` overrides the counts by
    component.
    """
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
