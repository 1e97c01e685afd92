"""Environments: every variable that the stack tells a component's process."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.home import Home
from stack.permissions import MIGRATE
from stack.topology import (
    STAFF_EMAIL,
    STAFF_PASSWORD_SECRET,
    SYNTHETIC_KEY_SECRET,
    Component,
    Instance,
    instances_of,
    ports_of,
)


@dataclass(frozen=True)
class Wiring:
    """Facts from which a component's environment is made.

    `ports` maps `<instance>.<kind>` to a port.

    All parts share this machine's loopback, unless `published` is given: then each has a host of
    its own, named as the instance (and, for all replicas, as the component), and `published` maps
    the same slots to ports of `at`, the machine that runs them. There, `data` is where a component
    keeps its files.
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
        """The gRPC target with every replica of a peer, e.g.

        `ipv4:127.0.0.1:7101,127.0.0.1:7111`, or `dns:///catalog:50051`.
        """
        component = next(component for component in self.components if component.name == peer)
        instances = instances_of(component, self.replicas)
        if self.published is not None:
            return f"dns:///{peer}:{self.ports[f'{instances[0].name}.grpc']}"
        return "ipv4:" + ",".join(
            f"127.0.0.1:{self.ports[f'{instance.name}.grpc']}" for instance in instances
        )

    def folder(self, component: str) -> Path:
        """Returns the folder of a component's files, as the component sees it."""
        return self.data or self.home.path / component


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
    return {
        "PAYMENT_PROVIDER": "simulator,offline",
        "SIMULATOR_URL": wiring.url("simulator"),
        "GIFT_CARD_KEY": wiring.home.secret("checkout.gift-card-key", _encryption_key),
        "VAT_AUTHORITIES": "simulator",
        "CARRIERS": "simulator",
        **_payments(wiring),
    }


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
        "STOREFRONT_URL": wiring.public_url("web-1"),
        "TRACKS_MAILS": "true",
        "UNSUBSCRIBE_SECRET": wiring.home.secret("notifications.unsubscribe-secret"),
        "SURVEY_SECRET": wiring.home.secret("survey-secret"),
    }


def _journey(wiring: Wiring) -> dict[str, str]:
    path = "/traces/{trace_id}"
    return {
        "SURVEY_SECRET": wiring.home.secret("survey-secret"),
        "TRACE_URL": wiring.public_url("sink") + path,
        "TRACE_API": wiring.url("sink") + path,
        "OTLP_TOKEN": wiring.home.secret("otlp-token"),
        # The demo's month is judged while somebody looks at it.
        "INSIGHT_SECONDS": "60",
    }


def _sink(wiring: Wiring) -> dict[str, str]:
    return {"OTLP_TOKEN": wiring.home.secret("otlp-token")}


def _gateway(wiring: Wiring) -> dict[str, str]:
    return {
        "PUBLIC_URL": wiring.public_url("gateway-1"),
        "STOREFRONT_URL": wiring.public_url("web-1"),
        "SINK_URL": wiring.public_url("sink"),
        "VISITOR_SECRET": wiring.home.secret("gateway.visitor-secret"),
    }


def _web(wiring: Wiring) -> dict[str, str]:
    return {
        "GATEWAY_URL": wiring.url("gateway-1"),
        "GATEWAY_PUBLIC_URL": wiring.public_url("gateway-1"),
        "PUBLIC_URL": wiring.public_url("web-1"),
    }


# Variables that only one component needs.
_OWN: Final[Mapping[str, Callable[[Wiring], Mapping[str, str]]]] = {
    "simulator": _simulator,
    "mailbox": _mailbox,
    "identity": _identity,
    "catalog": _catalog,
    "cart": _cart,
    "checkout": _checkout,
    "notifications": _notifications,
    "journey": _journey,
    "sink": _sink,
    "gateway": _gateway,
    "web": _web,
}


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
    env |= {
        f"{kind.upper()}_PORT": str(port) for kind, port in ports_of(instance, wiring.ports).items()
    }
    env |= {f"{peer.upper()}_TARGET": wiring.target(peer) for peer in component.peers}
    if "sink.http" in wiring.ports:
        env["OTLP_ENDPOINT"] = wiring.url("sink") + "/v1/traces"
    if component.database:
        env["DATABASE_URL"] = wiring.postgres.service_dsn(component.name)
    if component.broker:
        env["NATS_URL"] = wiring.nats.url(component.name)
    if component.client_scopes is not None:
        env["CLIENT_ID"] = component.name
        env["CLIENT_SECRET"] = wiring.home.secret(f"client.{component.name}")
    if own := _OWN.get(component.name):
        env |= own(wiring)
    return env


@dataclass(frozen=True)
class Program:
    """Program of one instance.

    `module` follows `python -m`; `env` is all that the stack tells it.
    """

    component: Component
    module: tuple[str, ...]
    env: Mapping[str, str]


def program(instance: Instance, wiring: Wiring, settings: Mapping[str, str]) -> Program:
    """Returns the program of an instance; `settings` beat the topology."""
    return Program(
        instance.component,
        instance.component.command,
        {**environment(instance, wiring), **settings},
    )


def migration(component: Component, wiring: Wiring, settings: Mapping[str, str]) -> Program:
    """Returns the program that migrates a component's database and streams."""
    env = {
        **environment(Instance(component, 0), wiring),
        "SERVICE_INSTANCE": f"{component.name}-migrate",
        **settings,
    }
    # The owner's credentials reach the migration only: what serves has no DDL.
    env["MIGRATE_DATABASE_URL"] = wiring.postgres.owner_dsn(component.name)
    if component.broker:
        env["MIGRATE_NATS_URL"] = wiring.nats.url(MIGRATE)
    return Program(component, (component.command[0], "migrate"), env)


def command(component: Component, wiring: Wiring, arguments: tuple[str, ...]) -> Program:
    """One of the component's own commands, e.g. journey's `import`, as its serving role."""
    env = {
        **environment(Instance(component, 0), wiring),
        "SERVICE_INSTANCE": f"{component.name}-{arguments[0]}",
    }
    return Program(component, (component.command[0], *arguments), env)
