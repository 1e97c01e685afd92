"""Where a Prometheus finds the processes of a stack. `job` is the service's name, as in a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from stack.platform import Platform
from stack.topology import COMPONENTS


def services() -> list[str]:
    """The components that tell metrics, by name."""
    return sorted(component.name for component in COMPONENTS if "admin" in component.ports)


def config(platform: Platform, rule_files: list[Path], *, every: str = "15s", evaluated_every: str = "30s") -> str:
    """A configuration of Prometheus for the platform's ports as they are."""
    jobs: list[dict[str, Any]] = []
    for instance in platform.instances:
        if "admin" not in instance.component.ports:
            continue
        target = platform.url(instance.name, "admin").removeprefix("http://")
        jobs.append({"targets": [target], "labels": {"job": instance.component.name, "instance": instance.name}})
    content = {
        "global": {"scrape_interval": every, "evaluation_interval": evaluated_every},
        "rule_files": [str(path) for path in rule_files],
        "scrape_configs": [{"job_name": "sojourn", "static_configs": jobs}],
    }
    return yaml.safe_dump(content, sort_keys=False)
