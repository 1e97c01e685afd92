"""The chart with external PostgreSQL and NATS in another namespace, with older Secrets."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from stack.binaries import checkout
from stack.kubernetes.cluster import Cluster
from stack.kubernetes.faults import SERVICES, Report
from stack.kubernetes.installation import Release

# Every key that any service needs; the broker's migrating user and what two services share are
# apart.
OWN_KEYS: Final = (
    "DATABASE_PASSWORD", "MIGRATE_DATABASE_PASSWORD", "NATS_PASSWORD", "CLIENT_SECRET",
    "RESTORE_SECRET", "UNSUBSCRIBE_SECRET",
    "VISITOR_SECRET", "STAFF_PASSWORD",
)  # fmt: skip
SHARED_KEYS: Final = (
    "MIGRATE_NATS_PASSWORD",
    "OTLP_TOKEN",
    "SURVEY_SECRET",
    "SIMULATOR_API_KEY",
    "SYNTHETIC_API_KEY",
    "WEBHOOK_SECRET",
)
OTHERS: Final = ("mailbox", "sink")


@dataclass
class External:
    """Makes the servers, installs a release on them, buys, and changes a Secret.

    `release` lends its namespace and images.
    """

    release: Release
    report: Report

    def run(self) -> None:
        servers = Cluster(f"{self.release.cluster.namespace}-servers", "servers")
        servers.create()
        try:
            self._make_secrets(servers)
            self._start(servers)
            release = self._install(servers)
            said = release.cluster.helm("test", release.cluster.release, "--logs")
            self.report.add(
                "on servers of another namespace: "
                f"{next(line for line in said.splitlines() if 'cancelled' in line)}"
            )
            self._change_secret(release)
            release.cluster.helm("uninstall", release.cluster.release, "--wait")
        finally:
            servers.delete()

    def _make_secrets(self, servers: Cluster) -> None:
        made: dict[str, dict[str, str]] = {
            f"own-{name}": {key: secrets.token_hex(16) for key in OWN_KEYS} for name in SERVICES
        }
        for service, name in (("identity", "KEY_ENCRYPTION_KEY"), ("checkout", "GIFT_CARD_KEY")):
            made[f"own-{service}"][name] = base64.urlsafe_b64encode(
                secrets.token_bytes(32)
            ).decode()
        made["own-shared"] = {key: secrets.token_hex(16) for key in SHARED_KEYS}
        made["own-postgres"] = {"POSTGRES_PASSWORD": secrets.token_hex(16)}
        for cluster in (servers, self.release.cluster):
            for name, data in made.items():
                cluster.apply(
                    {
                        "apiVersion": "v1",
                        "kind": "Secret",
                        "metadata": {"name": name},
                        "stringData": data,
                    }
                )

    def _start(self, servers: Cluster) -> None:
        """Applies the chart's printed statements and permissions to external servers."""
        chart = str(checkout() / "deploy" / "helm" / "sojourn")
        shown = [
            part
            for name in ("postgres", "nats")
            for part in ("--show-only", f"templates/bundled-{name}.yaml")
        ]
        values = {**self.release.values(), **self._own_secrets()}
        manifests = servers.helm("template", servers.release, chart, *shown, values=values)
        servers.kubectl("apply", "-f", "-", given=manifests)
        servers.await_rollout("statefulset/servers-postgres", "statefulset/servers-nats")
        self.report.add(f"PostgreSQL and NATS run in {servers.namespace}")

    def _install(self, servers: Cluster) -> Release:
        peers = [
            {
                "namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": servers.namespace}
                }
            }
        ]

        def there(name: str) -> str:
            return f"servers-{name}.{servers.namespace}.svc.cluster.local"

        bundled = {
            "enabled": True,
            "postgres": {"enabled": False},
            "nats": {"enabled": False},
            "secrets": False,
        }
        overrides: Mapping[str, Any] = {
            **self._own_secrets(),
            "bundled": bundled,
            "database": {"host": there("postgres"), "to": peers, "maxConnections": 400},
            "nats": {"host": there("nats"), "to": peers},
        }
        cluster = Cluster(self.release.cluster.namespace, "outside")
        release = replace(self.release, cluster=cluster, replicas=1, overrides=overrides)
        release.install()
        self.report.add("installed on them, with Secrets that were there before")
        return release

    def _own_secrets(self) -> dict[str, Any]:
        names = {name: f"own-{name}" for name in ("shared", "postgres", *SERVICES)}
        return {"bundled": {"enabled": True, "secrets": False}, "secrets": {"existing": names}}

    def _change_secret(self, release: Release) -> None:
        """A changed Secret rolls the pods that use it at the next upgrade, and no others."""
        before = {name: self._revision(release, name) for name in ("cart", "catalog")}
        changed = {"stringData": {"RESTORE_SECRET": secrets.token_hex(16)}}
        release.cluster.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "own-cart"}, **changed}
        )
        release.upgrade()
        release.cluster.await_rollout(f"deployment/{release.name('cart')}")
        rolled = [
            name for name, revision in before.items() if self._revision(release, name) != revision
        ]
        self.report.add(f"cart's Secret changed; rolled: {', '.join(rolled) or 'nothing'}")
        if rolled != ["cart"]:
            self.report.wrong(f"a changed Secret of cart rolled {rolled}")

    def _revision(self, release: Release, name: str) -> str:
        found = release.cluster.get("deployment", release.name(name))
        return str(found["metadata"]["annotations"]["deployment.kubernetes.io/revision"])
