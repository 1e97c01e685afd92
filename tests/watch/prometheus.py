"""A real Prometheus that scrapes a stack and evaluates the rules at a tests' pace."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx

from chassis.testing import eventually
from stack.binaries import checkout
from stack.platform import Platform
from stack.ports import free_port
from stack.watch import scraping
from stack.watch.generating import Options, write
from stack.watch.pace import Pace

DEPLOY = checkout() / "deploy"
# An hour is two minutes, five minutes are ten seconds.
PACE = Pace(Fraction(1, 30))
MISSING = "no `prometheus` and `promtool` on PATH (Debian: apt-get install prometheus)"
IS_MISSING = shutil.which("prometheus") is None or shutil.which("promtool") is None


@dataclass(frozen=True)
class Prometheus:
    """Asks a running server."""

    url: str

    async def query(self, expr: str) -> list[dict[str, Any]]:
        """The series of an instant query. Raises AssertionError for what is no PromQL."""
        # Reading the authorities' certificates, for which there is no use here, would cost most of
        # the time.
        async with httpx.AsyncClient(timeout=30, verify=False) as client:
            answer = (await client.get(f"{self.url}/api/v1/query", params={"query": expr})).json()
        assert answer["status"] == "success", f"{answer.get('error')}: {expr}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    async def urgent(self) -> set[str]:
        """Returns the firing critical alerts as `Name` or `Name of service`."""
        labels = [
            series["metric"]
            for series in await self.query('ALERTS{alertstate="firing",severity="critical"}')
        ]
        return {
            " of ".join(filter(None, (found["alertname"], found.get("job", ""))))
            for found in labels
        }

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=2).status_code == 200
        except httpx.TransportError:
            return False


@asynccontextmanager
async def watching(platform: Platform, folder: Path) -> AsyncIterator[Prometheus]:
    """Scrapes the platform each second until the block ends."""
    write(DEPLOY, folder, Options(PACE))
    rules = sorted((folder / "alerts").glob("*.yaml"))
    config = folder / "prometheus.yaml"
    config.write_text(
        scraping.config(platform, rules, every="1s", evaluated_every="1s"), encoding="utf-8"
    )
    port = free_port()
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    with (
        (folder / "prometheus.log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            prometheus = Prometheus(f"http://127.0.0.1:{port}")

            def is_ready_or_ended() -> bool:
                return prometheus.is_ready() or process.poll() is not None

            await eventually(lambda: asyncio.to_thread(is_ready_or_ended), within=30, every=0.1)
            assert process.poll() is None, (folder / "prometheus.log").read_text()
            yield prometheus
        finally:
            process.terminate()
