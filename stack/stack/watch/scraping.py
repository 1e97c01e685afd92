"""Scrape targets of a stack's processes for Prometheus.

`job` is the service's name, as in a cluster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from stack.errors import StackError
from stack.platform import Platform
from stack.topology import COMPONENTS


def services() -> list[str]:
    """The components that tell metrics, by name."""
    return sorted(component.name for component in COMPONENTS if "admin" in component.ports)


def config(
    platform: Platform, rule_files: list[Path], *, every: str = "15s", evaluated_every: str = "30s"
) -> str:
    """A configuration of Prometheus for what was started there, crashed processes included.

    Raises StackError where nothing was.
    """
    jobs: list[dict[str, Any]] = []
    for process in platform.runtime.all():
        service, _, number = process.name.rpartition("-")
        if service in services() and number.isdigit():
            labels = {"job": service, "instance": process.name}
            jobs.append({"targets": [f"127.0.0.1:{process.ports['admin']}"], "labels": labels})
    if not jobs:
        raise StackError(
            f"nothing was started in {platform.home}", advice="`make up` starts the platform"
        )
    content = {
        "global": {"scrape_interval": every, "evaluation_interval": evaluated_every},
        "rule_files": [str(path) for path in rule_files],
        "scrape_configs": [{"job_name": "sojourn", "static_configs": jobs}],
    }
    return yaml.safe_dump(content, sort_keys=False)
