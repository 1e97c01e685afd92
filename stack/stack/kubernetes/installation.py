"""A release in the cluster, and how this machine reaches it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from stack.binaries import checkout
from stack.kubernetes.cluster import Cluster
from stack.ports import free_port
from stack.topology import STAFF_EMAIL

# Where a test finds the installation that it shall use.
VARIABLE: Final = "SOJOURN_INSTALLATION"
OWN: Final = (
    "identity",
    "catalog",
    "cart",
    "checkout",
    "notifications",
    "journey",
    "gateway",
    "web",
    "simulator",
    "mailbox",
    "sink",
)
SHOPPERS: Final = {"app": "sojourn-e2e-shoppers"}


@dataclass(frozen=True)
class Installation:
    """The part of a platform that stories use, under the names of `Platform`."""

    gateway_url: str
    web_url: str
    simulator_url: str
    mailbox_url: str
    sink_url: str
    staff_password: str
    simulator_api_key: str

    @property
    def gateway_urls(self) -> list[str]:
        return [self.gateway_url]

    def url(self, instance: str, kind: str = "http") -> str:
        """The base URL of the mailbox, the simulator or the sink."""
        return {
            "mailbox": self.mailbox_url,
            "simulator": self.simulator_url,
            "sink": self.sink_url,
        }[instance]

    def secret(self, name: str) -> str:
        """The simulator's key, by the name that it has in a stack's home."""
        return {"simulator.api-key": self.simulator_api_key}[name]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def named(cls) -> Installation | None:
        """The one that SOJOURN_INSTALLATION names."""
        path = os.environ.get(VARIABLE)
        return cls(**json.loads(Path(path).read_text(encoding="utf-8"))) if path else None


@dataclass
class Release:
    """A helm release of the chart with everything bundled, unless `overrides` say otherwise.

    `images` are references by name.
    """

    cluster: Cluster
    images: Mapping[str, str]
    simulator_port: int
    replicas: int = 2
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_images(
        cls, cluster: Cluster, images: Mapping[str, str], *, replicas: int = 2
    ) -> Release:
        return cls(cluster, images, free_port(), replicas)

    def values(self, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Values of the release: a trial's, small enough for a machine with two cores.

        `more` has services' entries.
        """
        services: dict[str, Any] = {name: {"image": {"tag": self._tag(name)}} for name in OWN}
        services["gateway"]["env"] = {
            "RATE_LIMIT_PER_MINUTE": "1000000",
            "LOGIN_RATE_LIMIT_PER_MINUTE": "100000",
        }
        services["checkout"]["env"] = {
            "RECONCILE_AFTER_SECONDS": "5",
            "RECONCILE_EVERY_SECONDS": "5",
        }
        # Where this machine, as a customer's bank, finds the challenge pages.
        services["simulator"]["env"] = {"PUBLIC_URL": f"http://127.0.0.1:{self.simulator_port}"}
        for name, entry in (more or {}).items():
            services[name] = {**services.get(name, {}), **entry}
        values = {
            "environment": "development",
            "publicUrl": "http://127.0.0.1:8080",
            "bundled": {"enabled": True},
            "synthetic": {"enabled": True, "everySeconds": 10},
            "staff": {"email": STAFF_EMAIL},
            "defaults": {"replicas": self.replicas, "resources": {"cpu": "20m", "memory": "256Mi"}},
            "networkPolicy": {"ingressFrom": [{"podSelector": {"matchLabels": SHOPPERS}}]},
            "services": services,
        }
        # IMAGE_REGISTRY is where a loader that pushes has put them.
        registry = os.environ.get("IMAGE_REGISTRY", "")
        return {
            **values,
            "images": {"tag": self._tag("stack"), "registry": registry},
            **self.overrides,
        }

    def install(self) -> None:
        """Installs or upgrades to these images and values, and returns when all is ready."""
        self.upgrade()
        self.cluster.await_rollout(*self.cluster.workloads(), within_seconds=420)

    def upgrade(self, more: Mapping[str, Any] | None = None) -> None:
        """Tells the cluster, and does not wait."""
        chart = checkout() / "deploy" / "helm" / "sojourn"
        self.cluster.helm(
            "upgrade", "--install", self.cluster.release, str(chart), values=self.values(more)
        )

    def name(self, component: str) -> str:
        return f"{self.cluster.release}-{component}"

    @property
    def staff_password(self) -> str:
        return self.cluster.secret(self.name("identity"), "STAFF_PASSWORD")

    @contextlib.contextmanager
    def reached(self) -> Iterator[Installation]:
        """The installation by ports of this machine.

        They lead to single pods: not for use while pods are killed.
        """
        forwards = {
            "gateway": 80,
            "web": 80,
            "simulator": 8090,
            "mailbox": 8080,
            "sink": 4318,
        }
        with contextlib.ExitStack() as stack:
            urls = {
                name: "http://"
                + stack.enter_context(
                    self.cluster.forwarded(
                        f"service/{self.name(name)}",
                        port,
                        local=self.simulator_port if name == "simulator" else 0,
                    )
                )
                for name, port in forwards.items()
            }
            yield Installation(
                urls["gateway"],
                urls["web"],
                urls["simulator"],
                urls["mailbox"],
                urls["sink"],
                self.staff_password,
                self.cluster.secret(self.name("shared"), "SIMULATOR_API_KEY"),
            )

    def image(self, name: str) -> str:
        """The reference of an image, as the cluster finds it."""
        registry = os.environ.get("IMAGE_REGISTRY", "")
        return f"{registry}/{self.images[name]}" if registry else self.images[name]

    def _tag(self, name: str) -> str:
        image = "stack" if name in ("mailbox", "sink") else name
        return self.images[image].rpartition(":")[2]
