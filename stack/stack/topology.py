"""Topology: every component with its ports, its database and the peers that it calls.

A new component is one entry in COMPONENTS; its database, roles, broker user, ports and secrets follow from it.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from stack.home import Home
from stack.nats import Nats
from stack.permissions import MIGRATE
from stack.postgres import Postgres

STAFF_EMAIL: Final = "staff@sojourn.example"
STAFF_PASSWORD_SECRET: Final = "staff.password"  # noqa: S105  # the name of a file
SYNTHETIC_KEY_SECRET: Final = "synthetic.api-key"  # noqa: S105  # the same
EVERY_SERVICE: Final = ("*",)
INFRASTRUCTURE_PORTS: Final = {"postgres.sql": 5433, "nats.client": 4223, "nats.monitor": 8223}


@dataclass(frozen=True)
class Wiring:
    """Facts from which a component's environment is made. `ports` maps `<instance>.<kind>` to a port.

    All parts share this machine's loopback, unless `published` is given: then each has a host of its own, named as the instance (and, for all
    replicas, as the component), and `published` maps the same slots to ports of `at`, the machine that runs them. There, `data` is where a
    component keeps its files.
    """

    home: Home
    components: tuple[Component, ...]
    ports: Mapping[str, int]
    replicas: Mapping[str, int]
    postgres: Postgres
    nats: Nats
    clock: str = "real"
    at: str = "127.0.0.1"
    published: Mapping[str, int] | None = None
    data: Path | None = None

    @property
    def bind(self) -> str:
        """The address that servers bind."""
        return "127.0.0.1" if self.published is None else "0.0.0.0"  # noqa: S104 - a container's only interface

    def host(self, instance: str) -> str:
        """Returns the host at which the other parts find an instance."""
        return "127.0.0.1" if self.published is None else instance

    def url(self, instance: str, kind: str = "http") -> str:
        """Returns the URL at which the other parts reach an instance."""
        return f"http://{self.host(instance)}:{self.ports[f'{instance}.{kind}']}"

    def public_url(self, instance: str, kind: str = "http") -> str:
        """Returns the URL at which a browser on this machine reaches an instance."""
        return f"http://{self.at}:{(self.published or self.ports)[f'{instance}.{kind}']}"

    def target(self, peer: str) -> str:
        """The gRPC target with every replica of a peer, e.g. `ipv4:127.0.0.1:7101,127.0.0.1:7111`, or `dns:///catalog:50051`."""
        component = next(component for component in self.components if component.name == peer)
        instances = instances_of(component, self.replicas)
        if self.published is not None:
            return f"dns:///{peer}:{self.ports[f'{instances[0].name}.grpc']}"
        return "ipv4:" + ",".join(f"127.0.0.1:{self.ports[f'{instance.name}.grpc']}" for instance in instances)

    def folder(self, component: str) -> Path:
        """Returns the folder of a component's files, as the component sees it."""
        return self.data or self.home.path / component


@dataclass(frozen=True)
class Component:
    """One program. `command` follows `python -m`; `ports` are the first replica's, by kind (grpc, admin, http).

    `client_scopes` are what its service token allows; None means that it gets no token. `acts_at` are services at which it may act for a
    shopper. A `singleton` has one instance, named as the component, and starts before the others. One with a `folder` keeps files in one of
    its own. `own_env` adds what only this component needs. The broker lets it publish to `publishes`, take `consumes` from a stream of its
    own place in it, and hear `listens` live.
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
    own_env: Callable[[Wiring], Mapping[str, str]] = field(default=lambda wiring: {})

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
        return self.component.name if self.component.singleton else f"{self.component.name}-{self.index + 1}"


def _identity(wiring: Wiring) -> dict[str, str]:
    clients = {
        component.name: {
            "secret": wiring.home.secret(f"client.{component.name}"),
            "scopes": list(component.client_scopes),
            "acts_at": list(component.acts_at),
        }
        for component in wiring.components
        if component.client_scopes is not None
    }
    return {
        "SERVICE_CLIENTS": json.dumps(clients),
        "STAFF_EMAIL": STAFF_EMAIL,
        "STAFF_PASSWORD": wiring.home.secret(STAFF_PASSWORD_SECRET),
        "SYNTHETIC_API_KEY": wiring.home.secret(SYNTHETIC_KEY_SECRET),
        "KEY_ENCRYPTION_KEY": wiring.home.secret("identity.key-encryption-key", _encryption_key),
    }


def _encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _payments(wiring: Wiring) -> dict[str, str]:
    return {
        "SIMULATOR_API_KEY": wiring.home.secret("simulator.api-key"),
        "WEBHOOK_SECRET": wiring.home.secret("simulator.webhook-secret"),
    }


def _checkout(wiring: Wiring) -> dict[str, str]:
    return {"PAYMENT_PROVIDER": "simulator", "SIMULATOR_URL": wiring.url("simulator"), **_payments(wiring)}


def _simulator(wiring: Wiring) -> dict[str, str]:
    return {
        "LEDGER_PATH": str(wiring.folder("simulator") / "ledger.sqlite3"),
        "PUBLIC_URL": wiring.public_url("simulator"),
        "WEBHOOK_URL": wiring.url("gateway-1") + "/v1/webhooks/payments/simulator",
        **_payments(wiring),
    }


def _catalog(wiring: Wiring) -> dict[str, str]:
    return {"SYNTHETIC_PRODUCT": "true"}


def _cart(wiring: Wiring) -> dict[str, str]:
    return {"RESTORE_SECRET": wiring.home.secret("cart.restore-secret")}


def _mailbox(wiring: Wiring) -> dict[str, str]:
    return {"MAILBOX_PATH": str(wiring.folder("mailbox") / "letters.sqlite3")}


def _notifications(wiring: Wiring) -> dict[str, str]:
    return {
        "SMTP_HOST": wiring.host("mailbox"),
        "SMTP_PORT": str(wiring.ports["mailbox.smtp"]),
        "SMTP_TLS": "none",
        "RECEIPTS_URL": wiring.url("mailbox") + "/receipts",
        "MAIL_FROM": "Sojourn <shop@sojourn.example>",
        "PUBLIC_URL": wiring.public_url("gateway-1"),
        "UNSUBSCRIBE_SECRET": wiring.home.secret("notifications.unsubscribe-secret"),
        "SURVEY_SECRET": wiring.home.secret("survey-secret"),
    }


def _journey(wiring: Wiring) -> dict[str, str]:
    path = "/traces/{trace_id}"
    return {
        "SURVEY_SECRET": wiring.home.secret("survey-secret"),
        "TRACE_URL": wiring.public_url("sink") + path,
        "TRACE_API": wiring.url("sink") + path,
    }


def _gateway(wiring: Wiring) -> dict[str, str]:
    return {
        "PUBLIC_URL": wiring.public_url("gateway-1"),
        "SINK_URL": wiring.public_url("sink"),
        "VISITOR_SECRET": wiring.home.secret("gateway.visitor-secret"),
    }


# Replicas of a service are 10 apart: catalog-1 has 7101 and 7102, catalog-2 has 7111 and 7112.
COMPONENTS: Final = (
    Component(name="sink", command=("stack.sink",), ports={"http": 4318}, singleton=True),
    Component(
        name="simulator", command=("simulator",), ports={"http": 8090}, singleton=True, folder=True, own_env=_simulator,
    ),
    Component(
        name="mailbox", command=("stack.mailbox",), ports={"http": 8025, "smtp": 8026}, singleton=True, folder=True, own_env=_mailbox,
    ),
    Component(
        name="identity", command=("identity", "all"), ports={"grpc": 7401, "admin": 7402},
        database=True, broker=True, publishes=("events.sojourn.identity.>",), own_env=_identity,
    ),
    Component(
        name="catalog", command=("catalog", "all"), ports={"grpc": 7101, "admin": 7102},
        database=True, broker=True, peers=("identity",), publishes=("events.sojourn.catalog.>",), own_env=_catalog,
    ),
    Component(
        name="cart", command=("cart", "all"), ports={"grpc": 7201, "admin": 7202},
        database=True, broker=True, peers=("catalog", "identity"), publishes=("events.sojourn.cart.>",),
        consumes=("events.sojourn.checkout.>",), client_scopes=("offers.synthetic",), own_env=_cart,
    ),
    Component(
        name="checkout", command=("checkout", "all"), ports={"grpc": 7301, "admin": 7302},
        database=True, broker=True, peers=("cart", "catalog", "identity"), publishes=("events.sojourn.checkout.>",),
        client_scopes=("stock.reserve", "carts.redeem", "customers.read"), acts_at=("cart",), own_env=_checkout,
    ),
    Component(
        name="notifications", command=("notifications", "all"), ports={"grpc": 7501, "admin": 7502},
        database=True, broker=True, peers=("identity",), publishes=("events.sojourn.notifications.>",),
        consumes=("events.sojourn.cart.>", "events.sojourn.checkout.>", "events.sojourn.identity.>"), own_env=_notifications,
    ),
    Component(
        name="journey", command=("journey", "all"), ports={"grpc": 7601, "admin": 7602},
        database=True, broker=True, peers=("catalog", "notifications", "identity"), publishes=("events.sojourn.journey.>",),
        consumes=(
            "events.sojourn.cart.>", "events.sojourn.checkout.>", "events.sojourn.identity.>", "events.sojourn.notifications.>",
            "touchpoints.gateway",
        ),
        client_scopes=("notifications.send",), own_env=_journey,
    ),
    Component(
        name="gateway", command=("gateway", "serve"), ports={"http": 8080, "admin": 8081}, replica_step=2,
        broker=True, peers=EVERY_SERVICE, publishes=("touchpoints.gateway",), listens=("events.sojourn.catalog.>",), own_env=_gateway,
    ),
)  # fmt: skip


def instances_of(component: Component, replicas: Mapping[str, int]) -> list[Instance]:
    count = 1 if component.singleton else replicas.get(component.name, component.replicas)
    return [Instance(component, index) for index in range(count)]


def instances(components: Iterable[Component], replicas: Mapping[str, int]) -> list[Instance]:
    """Every process that shall run, in the order of COMPONENTS; `replicas` overrides the counts by component."""
    return [instance for component in components for instance in instances_of(component, replicas)]


def default_ports(components: Iterable[Component], replicas: Mapping[str, int]) -> dict[str, int]:
    """The default port of every slot (`<instance>.<kind>`), the infrastructure's included."""
    ports = dict(INFRASTRUCTURE_PORTS)
    for instance in instances(components, replicas):
        for kind, port in instance.component.ports.items():
            ports[f"{instance.name}.{kind}"] = port + instance.index * instance.component.replica_step
    return ports


def ports_of(instance: Instance, ports: Mapping[str, int]) -> dict[str, int]:
    """The instance's own ports by kind."""
    return {kind: ports[f"{instance.name}.{kind}"] for kind in instance.component.ports}


def peers_of(component: Component, components: Iterable[Component]) -> list[str]:
    """The names of the components that it calls."""
    if component.peers != EVERY_SERVICE:
        return list(component.peers)
    return [peer.name for peer in components if "grpc" in peer.ports and peer.name != component.name]


def environment(instance: Instance, wiring: Wiring) -> dict[str, str]:
    """Every variable that the instance's process gets from the stack."""
    component = instance.component
    env = {
        "SERVICE_INSTANCE": instance.name,
        "ENVIRONMENT": "development",
        "HOST": wiring.bind,
        "CLOCK": wiring.clock,
        "LOG_LEVEL": "INFO",
        "DRAIN_SECONDS": "0",
    }
    env |= {f"{kind.upper()}_PORT": str(port) for kind, port in ports_of(instance, wiring.ports).items()}
    env |= {f"{peer.upper()}_TARGET": wiring.target(peer) for peer in peers_of(component, wiring.components)}
    if "sink.http" in wiring.ports:
        env["OTLP_ENDPOINT"] = wiring.url("sink") + "/v1/traces"
    if component.database:
        env["DATABASE_URL"] = wiring.postgres.service_dsn(component.name)
    if component.broker:
        env["NATS_URL"] = wiring.nats.url(component.name)
    if component.client_scopes is not None:
        env["CLIENT_ID"] = component.name
        env["CLIENT_SECRET"] = wiring.home.secret(f"client.{component.name}")
    return {**env, **component.own_env(wiring)}


@dataclass(frozen=True)
class Program:
    """Program of one instance. `module` follows `python -m`; `env` is all that the stack tells it."""

    component: Component
    module: tuple[str, ...]
    env: Mapping[str, str]


def program(instance: Instance, wiring: Wiring, settings: Mapping[str, str]) -> Program:
    """Returns the program of an instance; `settings` beat the topology."""
    return Program(instance.component, instance.component.command, {**environment(instance, wiring), **settings})


def migration(component: Component, wiring: Wiring, settings: Mapping[str, str]) -> Program:
    """Returns the program that brings a component's database and streams to the revision of its code."""
    env = {**environment(Instance(component, 0), wiring), "SERVICE_INSTANCE": f"{component.name}-migrate", **settings}
    # The owner's credentials reach the migration only: what serves has no DDL.
    env["MIGRATE_DATABASE_URL"] = wiring.postgres.owner_dsn(component.name)
    if component.broker:
        env["MIGRATE_NATS_URL"] = wiring.nats.url(MIGRATE)
    return Program(component, (component.command[0], "migrate"), env)


def command(component: Component, wiring: Wiring, arguments: tuple[str, ...]) -> Program:
    """One of the component's own commands, e.g. journey's `import`, as its serving role."""
    env = {**environment(Instance(component, 0), wiring), "SERVICE_INSTANCE": f"{component.name}-{arguments[0]}"}
    return Program(component, (component.command[0], *arguments), env)
