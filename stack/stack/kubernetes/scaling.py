"""An autoscaler under load, and after it."""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass
from typing import Any, Final

from stack.kubernetes.cluster import until
from stack.kubernetes.faults import Report
from stack.kubernetes.installation import Release
from stack.kubernetes.shoppers import Shoppers

SERVICE: Final = "gateway"
MINIMUM, MAXIMUM = 2, 4
# Reached by a few shoppers on a small machine.
SCALED: Final = {
    SERVICE: {
        "autoscaling": {
            "enabled": True,
            "min": MINIMUM,
            "max": MAXIMUM,
            "cpuPercent": 60,
            "scaleDownStabilizationSeconds": 15,
        },
        "resources": {"cpu": "25m", "memory": "256Mi"},
    }
}


@dataclass
class Autoscaling:
    """Turns the autoscaler of one service on, loads it, and lets it rest."""

    release: Release
    shoppers: Shoppers
    report: Report

    def run(self) -> None:
        """Scales up under load and down after it, never below the minimum."""
        with _Watch(self) as watch:
            self.release.upgrade(
                {SERVICE: {**self.release.values()["services"][SERVICE], **SCALED[SERVICE]}}
            )
            with self.shoppers.shopping(strict=0, patient=8):
                until(
                    lambda: self.replicas() > MINIMUM,
                    within_seconds=180,
                    what=f"{SERVICE} grows under load",
                )
                self.report.add(f"{SERVICE} grew to {self.replicas()} under load")
            until(
                lambda: self.replicas() == MINIMUM,
                within_seconds=240,
                what=f"{SERVICE} shrinks after it",
            )
            self.report.add(f"{SERVICE} shrank to {self.replicas()} after it")
            self.release.upgrade()
            self.release.cluster.await_rollout(f"deployment/{self.release.name(SERVICE)}")
        if watch.lowest < MINIMUM:
            self.report.wrong(
                f"{SERVICE} fell to {watch.lowest} wanted replicas on the way to its autoscaler or "
                "back"
            )

    def replicas(self) -> int:
        """Returns the count of replicas wanted now."""
        found: dict[str, Any] = self.release.cluster.get("deployment", self.release.name(SERVICE))
        return int(found["spec"].get("replicas", 1))


class _Watch:
    """Records the lowest number of desired replicas from each change that the cluster reports."""

    def __init__(self, autoscaling: Autoscaling) -> None:
        cluster, name = autoscaling.release.cluster, autoscaling.release.name(SERVICE)
        self.lowest = autoscaling.replicas()
        self._process = subprocess.Popen(
            [
                "kubectl",
                "--namespace",
                cluster.namespace,
                "get",
                "deployment",
                name,
                "--watch",
                "--output",
                "jsonpath={.spec.replicas}{'\\n'}",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._thread.join()

    def _look(self) -> None:
        for line in self._process.stdout or ():
            if line.strip().isdigit():
                self.lowest = min(self.lowest, int(line))
