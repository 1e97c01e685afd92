"""Shoppers in the cluster: a pod that buys through the gateway's Service, and what it saw."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from stack.errors import StackError
from stack.kubernetes.cluster import until
from stack.kubernetes.installation import SHOPPERS, Release
from stack.topology import STAFF_EMAIL

NAME: Final = "shoppers"


@dataclass(frozen=True)
class Sighting:
    """An order or a failure.

    `status` is an HTTP status, 0 for a lost connection, or an order's state. `turned_away` counts
    the requests of an order that were refused for load and repeated when the refusal said.
    """

    at: float
    event: str
    shopper: str
    status: Any
    what: str
    order_id: str
    turned_away: int = 0


class Shoppers:
    """Buy until the block of `shopping` ends. `of_phase` tells what happened since a moment."""

    def __init__(self, release: Release) -> None:
        self._release, self._cluster = release, release.cluster

    @contextlib.contextmanager
    def shopping(self, *, strict: int = 2, patient: int = 2) -> Iterator[Shoppers]:
        self._cluster.kubectl("delete", "pod", NAME, "--ignore-not-found", "--wait=true")
        self._cluster.apply(self._pod(strict, patient))
        try:
            until(
                lambda: self.seen(event="order"),
                within_seconds=120,
                what="the first order of the shoppers",
            )
            yield self
        finally:
            self.close()

    def close(self) -> None:
        """Lets each finish what it began, and keeps the log."""
        with contextlib.suppress(StackError):
            self._log = self._read()
            # SIGTERM to the pod's own process, whose log stays until the pod is deleted.
            self._cluster.kubectl(
                "exec", NAME, "--", "python", "-c", "import os, signal; os.kill(1, signal.SIGTERM)"
            )
            until(
                lambda: '"closed"' in self._read(),
                within_seconds=120,
                what="the shoppers' last orders",
            )
            self._log = self._read()
        self._cluster.kubectl("delete", "pod", NAME, "--ignore-not-found", "--wait=false")

    def seen(
        self, *, since: float = 0, until_at: float = float("inf"), event: str = ""
    ) -> list[Sighting]:
        """Returns orders and failures between two times of this machine's clock."""
        found = []
        for line in self._read().splitlines():
            with contextlib.suppress(ValueError, KeyError):
                said = json.loads(line)
                if (
                    since <= said["at"] <= until_at
                    and said["event"] in ("order", "failure")
                    and event in ("", said["event"])
                ):
                    found.append(
                        Sighting(
                            said["at"],
                            said["event"],
                            said["shopper"],
                            said["status"],
                            said.get("what", ""),
                            said.get("id", ""),
                            said.get("turned_away", 0),
                        )
                    )
        return found

    def failures(self, since: float, *, shopper: str = "") -> list[Sighting]:
        """Failures since a moment, of all shoppers or of one kind."""
        return [
            each
            for each in self.seen(since=since, event="failure")
            if shopper in ("", each.shopper)
        ]

    def await_orders(self, count: int, *, within_seconds: float = 90) -> None:
        """Waits until so many more orders are placed: whatever was broken works again."""
        now = time.time()
        until(
            lambda: (
                len(
                    [
                        each
                        for each in self.seen(since=now, event="order")
                        if each.status == "placed"
                    ]
                )
                >= count
            ),
            within_seconds=within_seconds,
            what=f"{count} orders",
            pause_seconds=1,
        )

    def _read(self) -> str:
        return self._cluster.kubectl("logs", NAME, "--tail=-1")

    def _pod(self, strict: int, patient: int) -> dict[str, Any]:
        gateway = (
            f"http://{self._release.name('gateway')}.{self._cluster.namespace}.svc.cluster.local"
        )
        password = {
            "secretKeyRef": {"name": self._release.name("identity"), "key": "STAFF_PASSWORD"}
        }
        env = {
            "GATEWAY_URL": gateway,
            "STAFF_EMAIL": STAFF_EMAIL,
            "STRICT_SHOPPERS": str(strict),
            "PATIENT_SHOPPERS": str(patient),
        }
        container = {
            "name": "shoppers",
            "image": self._release.image("stack"),
            "imagePullPolicy": "IfNotPresent",
            "command": ["python", "-P", "-m", "stack.shoppers.shopping"],
            "env": [
                *({"name": name, "value": value} for name, value in env.items()),
                {"name": "STAFF_PASSWORD", "valueFrom": password},
            ],
            "resources": {
                "requests": {"cpu": "20m", "memory": "128Mi"},
                "limits": {"memory": "256Mi"},
            },
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": NAME, "labels": SHOPPERS},
            "spec": {
                "restartPolicy": "Never",
                "automountServiceAccountToken": False,
                "terminationGracePeriodSeconds": 60,
                "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": 10001,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [container],
            },
        }
