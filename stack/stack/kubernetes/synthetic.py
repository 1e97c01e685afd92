"""The release's synthetic shopper: it buys, its orders are cancelled, its metrics count."""

from __future__ import annotations

import urllib.request
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from stack.kubernetes.cluster import until
from stack.kubernetes.faults import Report
from stack.kubernetes.installation import Release

_NAME: Final = "shopper"
_ADMIN_PORT: Final = 9090
_PURCHASES: Final = 2


def check(release: Release, report: Report) -> None:
    """Waits for successful purchases, each with a cancelled order, and expects no failure."""
    with release.cluster.forwarded(f"deployment/{release.name(_NAME)}", _ADMIN_PORT) as address:
        # It began before the services that it needs.
        before = _counted(address)
        enough = before["succeeded"] + _PURCHASES
        until(
            lambda: _counted(address)["succeeded"] >= enough,
            within_seconds=120,
            what="purchases of the synthetic shopper",
        )
        failed = _counted(address)["failed"] - before["failed"]
    report.add(f"synthetic shopper: {_PURCHASES} purchases succeeded, {failed:.0f} failed")
    if failed:
        report.wrong(f"the synthetic shopper failed to buy {failed:.0f} times")


def stop(release: Release) -> None:
    """Lets it buy no more."""
    release.cluster.kubectl("scale", f"deployment/{release.name(_NAME)}", "--replicas=0")
    until(
        lambda: not release.cluster.pods(_NAME),
        within_seconds=60,
        what="the synthetic shopper gone",
    )


def _counted(address: str) -> dict[str, float]:
    with urllib.request.urlopen(
        f"http://{address}/metrics", timeout=5
    ) as response:  # a forwarded port of this machine
        families = text_string_to_metric_families(response.read().decode())
    samples = [
        sample
        for family in families
        for sample in family.samples
        if sample.name == "synthetic_purchase_total"
    ]
    return {sample.labels["outcome"]: sample.value for sample in samples}
