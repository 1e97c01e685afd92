"""Sizes of the images, and the times from start to ready."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import docker

from stack.containers.images import BASE, image_of
from stack.platform import Platform, Report

STARTS: Final = 3


@dataclass(frozen=True)
class Measured:
    """Sizes of one image in bytes, and seconds from its container's start to /readyz.

    The sizes are of the layers that all images share above the base, and of its own.
    """

    name: str
    shared_bytes: int
    own_bytes: int
    ready_seconds: float


def measure(
    client: docker.DockerClient, references: Mapping[str, str], report: Report
) -> list[Measured]:
    """Starts the platform in containers and each service anew, three times; the median counts.

    Leaves nothing behind.
    """
    home = Path(tempfile.mkdtemp(prefix="sojourn-measured-"))
    platform = Platform(home=home, ports="free", kind="containers", durable=False, report=report)
    try:
        platform.up()
        instances = {
            image_of(instance.component.command[0]): instance.name
            for instance in reversed(platform.instances)
        }
        found = []
        for name, reference in references.items():
            shared, own = sizes(client, reference)
            ready = statistics.median(
                _start_seconds(platform, instances[name]) for _ in range(STARTS)
            )
            found.append(Measured(name, shared, own, ready))
        return found
    finally:
        platform.down(purge=True)


def sizes(client: docker.DockerClient, reference: str) -> tuple[int, int]:
    """Returns the bytes of an image's shared layers above the base, and of its own layers.

    Its own layers come after the one that sets its entry point.
    """
    base: set[str] = {entry["Id"] for entry in client.images.get(BASE).history()} - {"<missing>"}
    shared, own, is_own = 0, 0, True
    layers: list[dict[str, Any]] = client.images.get(reference).history()
    for layer in layers:  # the newest first
        if layer["Id"] in base:
            break
        is_own = is_own and "ENTRYPOINT" not in layer["CreatedBy"]
        if is_own:
            own += layer["Size"]
        else:
            shared += layer["Size"]
    return shared, own


def _start_seconds(platform: Platform, instance: str) -> float:
    platform.terminate(instance)
    began = time.monotonic()
    platform.start(instance)
    return time.monotonic() - began
