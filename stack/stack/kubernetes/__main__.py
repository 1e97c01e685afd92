"""`python -m stack.kubernetes`: the run on the cluster of KUBECONFIG, in its own namespace."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from stack.binaries import checkout
from stack.containers.images import Builder, all_images, engine
from stack.errors import StackError
from stack.faults import chaos
from stack.kubernetes import synthetic
from stack.kubernetes.cluster import Cluster, load, require_tools
from stack.kubernetes.external import External
from stack.kubernetes.faults import Faults, Report
from stack.kubernetes.fences import Fences
from stack.kubernetes.installation import VARIABLE, Installation, Release
from stack.kubernetes.revisions import next_images
from stack.kubernetes.scaling import Autoscaling
from stack.kubernetes.shoppers import Shoppers
from stack.shoppers.shopper import Api, total_of
from stack.topology import STAFF_EMAIL

STORIES: Final = ("tests/e2e/test_purchase.py", "tests/e2e/test_ownership.py")
# They move the clock, look into processes, start them, or need ports that the cluster does not
# publish.
NOT_HERE: Final = "not demo_plays and not own_ports and not acts_for"
PHASES: Final = (
    "fences",
    "stories",
    "test",
    "synthetic",
    "upgrade",
    "delete",
    "kill",
    "servers",
    "none",
    "scale",
    "external",
)
UNSETTLED: Final = ("pending", "action_required", "cancelling")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m stack.kubernetes", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PHASES,
        default=list(PHASES),
        help="phases to run; the installation is always made",
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the namespace for a look; it says how to delete it",
    )
    chosen = parser.parse_args()
    # However it is told to end, it deletes its namespace first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    report = Report(lambda line: print(line, flush=True))
    cluster = Cluster(f"sojourn-e2e-{uuid.uuid4().hex[:6]}")
    try:
        require_tools()
        report.add(f"context {cluster.context()}, namespace {cluster.namespace}")
        cluster.create()
        _Run(cluster, report, chosen.only).all()
    except (StackError, TimeoutError) as error:
        report.wrong(str(error))
    finally:
        if chosen.keep:
            report.add(f"kept: kubectl delete namespace {cluster.namespace}")
        else:
            cluster.delete()
            report.add("namespace deleted")
    for problem in report.problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


class _Run:
    """The phases of one run, in their order."""

    def __init__(self, cluster: Cluster, report: Report, phases: list[str]) -> None:
        self._cluster, self._report, self._phases = cluster, report, phases

    def all(self) -> None:
        images = Builder(
            engine(),
            built=lambda reference, seconds: self._report.add(
                f"built {reference} in {seconds:.0f} s"
            ),
        ).ensure(all_images())
        following = next_images(images) if "upgrade" in self._phases else {}
        load([*images.values(), *following.values(), "postgres:17", "nats:2"])
        self._report.add(f"{len(images) + len(following)} images are there")
        release = Release.from_images(self._cluster, images)
        release.install()
        self._report.add("installed, and everything is ready")
        shoppers = Shoppers(release)
        self._phase("stories", lambda: self._stories(release))
        self._phase("test", self._helm_test)
        self._phase("synthetic", lambda: synthetic.check(release, self._report))
        with shoppers.shopping():
            self._report.add("shoppers buy")
            faults = Faults(release, shoppers, self._report)
            self._phase("fences", Fences(release, self._report).check)
            self._phase("upgrade", lambda: faults.upgrade_and_roll_back(following))
            self._phase("delete", faults.delete_pods)
            self._phase("kill", faults.kill_containers)
            self._phase("servers", faults.lose_servers)
            self._phase("none", faults.scale_from_none)
        self._phase("scale", Autoscaling(release, shoppers, self._report).run)
        synthetic.stop(release)
        with release.reached() as installation:
            asyncio.run(_count(installation, self._report))
        if "external" in self._phases:
            self._cluster.helm("uninstall", self._cluster.release, "--wait")
            External(release, self._report).run()

    def _phase(self, name: str, run: Callable[[], Any]) -> None:
        if name in self._phases:
            run()

    def _stories(self, release: Release) -> None:
        """The stories that need nothing but the public API, by pytest."""
        with release.reached() as installation, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "installation.json"
            installation.write(path)
            command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-k", NOT_HERE, *STORIES]
            result = subprocess.run(
                command,
                check=False,
                cwd=checkout(),
                env={**os.environ, VARIABLE: str(path)},
                capture_output=True,
                text=True,
                timeout=900,
            )
        lines = [
            line
            for line in result.stdout.splitlines()
            if " passed" in line or " failed" in line or line.startswith(("FAILED", "E  "))
        ]
        self._report.add(f"stories: {lines[-1] if lines else result.stdout[-300:]}")
        if result.returncode:
            self._report.wrong(
                "stories: " + " ".join(lines or [result.stdout[-1500:], result.stderr[-500:]])
            )

    def _helm_test(self) -> None:
        said = self._cluster.helm("test", self._cluster.release, "--logs", within_seconds=300)
        self._report.add(
            "helm test: "
            + next(
                (line for line in said.splitlines() if "cancelled" in line), "no word of an order"
            )
        )


async def _count(installation: Installation, report: Report) -> None:
    """The provider's ledger against the orders, once nothing is under way."""
    async with Api(installation.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, installation.staff_password)
        async with asyncio.timeout(180):
            while unsettled := await _unsettled(staff):
                report.add(f"{unsettled} orders are under way")
                await staff.call("POST", "/v1/staff/reconcile")
                await asyncio.sleep(2)
        placed = {order["id"]: total_of(order) async for order in chaos.orders(staff, "placed")}
    charged = await chaos.charges(installation)
    # Customers of the stories were refunded in part; those orders have another charge than total,
    # and never more than it.
    odd = sorted(
        id for id in placed.keys() | charged.keys() if placed.get(id, 0) != charged.get(id, 0)
    )
    refunded = [id for id in odd if 0 < charged.get(id, 0) < placed.get(id, 0)]
    report.add(
        f"{len(placed)} orders placed, {len(charged)} charges in the ledger, {len(refunded)} "
        "refunded in part"
    )
    if wrong := [id for id in odd if id not in refunded]:
        report.wrong(f"the ledger does not agree with the orders: {wrong}")


async def _unsettled(staff: Api) -> int:
    """Counts orders whose money still moves: pending ones, and uncancelled synthetic ones."""
    under_way = sum([1 for status in UNSETTLED async for _ in chaos.orders(staff, status)])
    return under_way + len(
        [order async for order in chaos.orders(staff, "placed") if order["synthetic"]]
    )


if __name__ == "__main__":
    sys.exit(main())
