"""Faults that hit a release while shoppers buy, and the checks that must hold meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from stack.kubernetes import cluster as cluster_module
from stack.kubernetes.cluster import Pod, until
from stack.kubernetes.installation import Release
from stack.kubernetes.shoppers import Shoppers

# Each has two replicas that share the work.
SERVICES: Final = ("gateway", "catalog", "cart", "checkout", "identity", "notifications", "journey")
SERVES_AGAIN_SECONDS: Final = 15.0
# More refusals for load than this for each order mean that the release is too small for its fault.
TURNED_AWAY_PER_ORDER: Final = 0.1
Say = Callable[[str], None]


@dataclass
class Report:
    """A fault: its name, its time, and its wrong results."""

    say: Say
    began: float = field(default_factory=time.monotonic)
    problems: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.say(f"{time.monotonic() - self.began:7.1f} s  {line}")

    def wrong(self, line: str) -> None:
        self.problems.append(line)
        self.add(f"WRONG: {line}")


@dataclass
class Faults:
    """Phases; each notes itself in the report, and leaves the release whole."""

    release: Release
    shoppers: Shoppers
    report: Report

    def upgrade_and_roll_back(self, following: Mapping[str, str]) -> None:
        """Upgrades to the next revision and back: strict clients see no failure.

        While two revisions start side by side, the shop may ask a few to come back (`OVERLOADED`).
        """
        self.upgrade(following)
        self.roll_back()

    def upgrade(self, images: Mapping[str, str]) -> None:
        """A rolling upgrade of everything; an old pod is killed half-way."""
        since, old = time.time(), {pod.name for pod in self._pods("checkout")}
        Release(self.release.cluster, images, self.release.simulator_port).upgrade()
        until(
            lambda: [pod for pod in self._pods("checkout") if pod.name not in old and pod.is_ready],
            within_seconds=240,
            what="a new pod",
        )
        left = [pod for pod in self._pods("checkout") if pod.name in old and not pod.is_going]
        if left:
            self.release.cluster.kubectl("delete", "pod", left[0].name, "--wait=false")
            self.report.add(f"an old pod deleted half-way: {left[0].name}")
        self._whole()
        self._judge("rolling upgrade", since, self._none)

    def roll_back(self) -> None:
        """`helm rollback`: the images before run on a database that is newer than they know."""
        since = time.time()
        self.release.cluster.helm("rollback", self.release.cluster.release)
        self._whole()
        self._judge("rollback", since, self._none)

    def delete_pods(self) -> None:
        """One pod of each service is deleted, as when a node is drained."""
        for name in SERVICES:
            since, pod = time.time(), self._pods(name)[0]
            self.release.cluster.kubectl("delete", "pod", pod.name, "--wait=false")
            self._whole(name)
            self._judge(f"deleted pod of {name}", since, self._none)

    def kill_containers(self) -> None:
        """One container of each service gets SIGKILL.

        Who repeats with the same key sees nothing of it.
        """
        if not cluster_module.can_kill():
            self.report.add("not run: SIGKILL (POD_KILLER names no command)")
            return
        for name in SERVICES:
            since, pod = time.time(), self._pods(name)[0]
            cluster_module.kill(pod.container_id)
            self._restarted(name, pod)
            self._judge(f"SIGKILL of {name}", since, self._patient)

    def lose_servers(self) -> None:
        """NATS and PostgreSQL are away for as long as they need to start.

        A clear 503 is allowed; then all goes on.
        """
        for name in ("nats", "postgres"):
            since, workload = time.time(), f"statefulset/{self.release.name(name)}"
            self.release.cluster.kubectl(
                "delete", "pod", f"{self.release.name(name)}-0", "--wait=true"
            )
            self.release.cluster.await_rollout(workload)
            self._judge(f"deleted pod of {name}", since, self._clear)

    def scale_from_none(self, name: str = "catalog", *, away_seconds: float = 30) -> None:
        """Scales a peer to zero and back: it serves soon after its first pod is ready.

        No caller waits for a stale address.
        """
        since, deployment = time.time(), f"deployment/{self.release.name(name)}"
        self.release.cluster.kubectl("scale", deployment, "--replicas=0")
        until(lambda: not self._pods(name), within_seconds=90, what=f"{name} at none")
        time.sleep(away_seconds)
        asked = time.time()
        self.release.cluster.kubectl("scale", deployment, "--replicas=2")
        until(
            lambda: any(pod.is_ready for pod in self._pods(name)),
            within_seconds=120,
            what=f"a pod of {name}",
            pause_seconds=0.2,
        )
        ready = time.time()
        first = until(
            lambda: [
                each
                for each in self.shoppers.seen(since=ready, event="order")
                if each.status == "placed"
            ],
            within_seconds=90,
            what=f"an order after {name} is back",
            pause_seconds=0.3,
        )[0]
        self.report.add(
            f"{name} from none to two: ready after {ready - asked:.1f} s, the next order "
            f"{first.at - ready:.1f} s later"
        )
        if first.at - ready > SERVES_AGAIN_SECONDS:
            self.report.wrong(
                f"{name} served only {first.at - ready:.1f} s after its first pod was ready"
            )
        self._whole(name)
        self._judge(f"{name} from none to two", since, self._clear)

    # --- what must hold ---

    def _judge(self, what: str, since: float, rule: Callable[[str, float], None]) -> None:
        self.shoppers.await_orders(2)
        seen = self.shoppers.seen(since=since)
        placed = sum(each.event == "order" and each.status == "placed" for each in seen)
        failed = [each for each in seen if each.event == "failure"]
        turned_away = sum(each.turned_away for each in seen)
        self.report.add(
            f"{what}: {placed} orders, {len(failed)} failures, {turned_away} refusals for load, "
            f"{time.time() - since:.0f} s"
        )
        if turned_away > TURNED_AWAY_PER_ORDER * max(placed, 10):
            self.report.wrong(f"{what}: {turned_away} refusals for load in {placed} orders")
        rule(what, since)

    def _none(self, what: str, since: float) -> None:
        for each in self.shoppers.failures(since):
            self.report.wrong(
                f"{what}: a {each.shopper} shopper saw {each.status or 'a lost connection'}: "
                f"{each.what[:300]}"
            )

    def _patient(self, what: str, since: float) -> None:
        for each in self.shoppers.failures(since, shopper="patient"):
            self.report.wrong(
                f"{what}: a patient shopper saw {each.status or 'a lost connection'}: "
                f"{each.what[:300]}"
            )

    def _clear(self, what: str, since: float) -> None:
        self._patient(what, since)
        for each in self.shoppers.failures(since, shopper="strict"):
            if each.status not in (503, 504):
                self.report.wrong(
                    f"{what}: an answer that is no clear 503: "
                    f"{each.status or 'a lost connection'}: {each.what[:300]}"
                )

    # --- how ---

    def _pods(self, name: str) -> list[Pod]:
        return self.release.cluster.pods(name)

    def _whole(self, *names: str) -> None:
        """Waits until all pods are the wanted ones and ready, and the old ones gone."""
        cluster = self.release.cluster
        workloads = [
            f"deployment/{self.release.name(name)}" for name in names
        ] or cluster.workloads()
        cluster.await_rollout(*workloads, within_seconds=420)
        until(
            lambda: not any(pod.is_going for pod in self._pods("")),
            within_seconds=90,
            what="old pods gone",
        )

    def _restarted(self, name: str, killed: Pod) -> None:
        def is_back() -> bool:
            return any(
                pod.name == killed.name and pod.restarts > killed.restarts and pod.is_ready
                for pod in self._pods(name)
            )

        until(is_back, within_seconds=120, what=f"{killed.name} restarted")
