"""Containers of one stack by instance name, on their own network."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from stack.containers.boxes import Box
from stack.containers.images import engine
from stack.embedded.processes import TAIL_LINES, Recorded
from stack.errors import ComponentFailed, Interrupted, StackError
from stack.home import Home

STACK_LABEL: Final = "sojourn.stack"
NAME_LABEL: Final = "sojourn.instance"
PORTS_LABEL: Final = "sojourn.ports"
LOG_BYTES: Final = "64m"
POLL_SECONDS: Final = 0.1
KILL_SECONDS: Final = 60.0
LOOPBACK: Final = "127.0.0.1"


class ContainerTable:
    """Containers by name.

    The engine is the record of what runs: labels tell which stack and instance a container is.
    """

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        digest = hashlib.sha256(str(self.home.path).encode()).hexdigest()
        self.id = f"{_slug(self.home.path.name)}-{digest[:8]}"

    @cached_property
    def at(self) -> str:
        """The engine's machine: this one, or the host of DOCKER_HOST."""
        found = urlsplit(os.environ.get("DOCKER_HOST", ""))
        return found.hostname or LOOPBACK if found.scheme in ("tcp", "http", "https") else LOOPBACK

    @cached_property
    def client(self) -> docker.DockerClient:
        """Raises StackError if no engine is reachable."""
        return engine()

    @property
    def network(self) -> str:
        return f"sojourn-{self.id}"

    def start_box(
        self,
        name: str,
        box: Box,
        *,
        before_start: Callable[[Container], None] = lambda container: None,
    ) -> None:
        """Starts a container under the name, unless one is alive. Raises ComponentFailed."""
        found = self._find(name)
        if found is not None and found.status == "running":
            return
        if found is not None:
            self.remove(found)
        with self.home.changing_state() as state:
            path = self.home.log_path(name)
            state.setdefault("log_from_bytes", {})[name] = (
                path.stat().st_size if path.exists() else 0
            )
        try:
            container = self.client.containers.create(**self._options(name, box))
            before_start(container)
            container.start()
        except ImageNotFound as error:
            raise ComponentFailed(
                name,
                f"there is no image {box.image}",
                advice="`make images` builds ours; pull the others",
            ) from error
        except APIError as error:
            raise ComponentFailed(
                name, f"cannot run {box.image}: {error.explanation or error}"
            ) from error

    def stop(self, name: str, *, within_seconds: float) -> None:
        if container := self._find(name):
            with contextlib.suppress(NotFound):
                container.stop(timeout=round(within_seconds))
            self.remove(container)

    def kill(self, name: str) -> None:
        deadline = time.monotonic() + KILL_SECONDS
        while (container := self._find(name)) is not None and container.status == "running":
            # A busy engine may answer that it saw no end: what counts is whether it runs.
            with contextlib.suppress(APIError):
                container.kill()
            if time.monotonic() > deadline:
                raise self.failure(
                    name,
                    f"still runs {KILL_SECONDS:g} s after SIGKILL",
                    advice="look at the engine",
                )
            time.sleep(POLL_SECONDS)

    def wait_until(
        self,
        name: str,
        is_ready: Callable[[], bool],
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None:
        deadline, pause = time.monotonic() + within_seconds, cancelled or threading.Event()
        while True:
            if not self.is_alive(name):
                code = self.exit_code(name)
                raise self.failure(
                    name,
                    "exited before it was ready"
                    + (f" (exit code {code})" if code is not None else ""),
                )
            if is_ready():
                return
            if time.monotonic() > deadline:
                raise self.failure(name, f"not ready within {within_seconds:g} s")
            if pause.wait(POLL_SECONDS):
                raise Interrupted(f"{name}: given up waiting")

    def is_alive(self, name: str) -> bool:
        found = self._find(name)
        return found is not None and found.status == "running"

    def exit_code(self, name: str) -> int | None:
        """Returns the exit code of its process; None while it runs, or if there is none."""
        found = self._find(name)
        return (
            int(found.attrs["State"]["ExitCode"])
            if found is not None and found.status in ("exited", "dead")
            else None
        )

    def get(self, name: str) -> Recorded | None:
        found = self._find(name)
        return _recorded(found) if found is not None else None

    def all(self) -> list[Recorded]:
        found = self.client.containers.list(
            all=True, filters={"label": f"{STACK_LABEL}={self.id}"}, ignore_removed=True
        )
        return sorted(map(_recorded, found), key=lambda recorded: recorded.created_at_unix)

    def log_path(self, name: str) -> Path:
        if (container := self._find(name)) is not None:
            self._keep_log(name, container)
        return self.home.log_path(name)

    def failure(self, name: str, why: str, *, advice: str = "") -> ComponentFailed:
        """The error to raise for the container, with the end and the path of its log."""
        path = self.log_path(name)
        start = int(self.home.state().get("log_from_bytes", {}).get(name, 0))
        text = path.read_bytes()[start:].decode(errors="replace") if path.exists() else ""
        if (found := self._find(name)) is not None and found.attrs["State"].get("OOMKilled"):
            why += ", killed for its memory"
        return ComponentFailed(
            name, why, path, tail="\n".join(text.splitlines()[-TAIL_LINES:]), advice=advice
        )

    def container_name(self, name: str) -> str:
        """The engine's name of an instance's container."""
        return f"sojourn-{self.id}-{name}"

    @property
    def _published_on(self) -> str:
        """Ports are open to this machine only, unless another machine runs the engine."""
        return LOOPBACK if self.at == LOOPBACK else "0.0.0.0"  # noqa: S104

    def _options(self, name: str, box: Box) -> dict[str, Any]:
        labels = {
            STACK_LABEL: self.id,
            NAME_LABEL: name,
            PORTS_LABEL: json.dumps({kind: port for kind, (_, port) in box.ports.items()}),
        }
        endpoint = self.client.api.create_endpoint_config(aliases=[name, *box.aliases])
        options: dict[str, Any] = {
            "image": box.image,
            "name": self.container_name(name),
            "hostname": name,
            "command": list(box.command) or None,
            "environment": dict(box.env),
            "labels": labels,
            "network": self.network,
            "networking_config": {self.network: endpoint},
            "ports": {
                f"{inside}/tcp": (self._published_on, outside)
                for inside, outside in box.ports.values()
            },
            "log_config": LogConfig(type=LogConfig.types.JSON, config={"max-size": LOG_BYTES}),
            **box.limits,
        }
        if box.entrypoint:
            options["entrypoint"] = list(box.entrypoint)
        if box.files:
            options["volumes"] = {self._volume(name): {"bind": box.files, "mode": "rw"}}
        return options

    def _volume(self, name: str) -> str:
        volume = f"sojourn-{self.id}-{name}"
        self.client.volumes.create(volume, labels={STACK_LABEL: self.id})
        return volume

    def _find(self, name: str) -> Container | None:
        try:
            return self.client.containers.get(self.container_name(name))
        except NotFound:
            return None
        except DockerException as error:
            raise StackError(
                f"the Docker engine does not answer: {type(error).__name__}",
                advice="look at the engine, and repeat",
            ) from error

    def remove(self, container: Container) -> None:
        """Removes it; its log stays in the home."""
        with contextlib.suppress(NotFound):
            self._keep_log(container.labels[NAME_LABEL], container)
            container.remove(v=True, force=True)

    def _keep_log(self, name: str, container: Container) -> None:
        """Writes what it said into the home's log of that name, behind the runs before it."""
        start = int(self.home.state().get("log_from_bytes", {}).get(name, 0))
        self.home.create()
        path = self.home.log_path(name)
        path.touch()
        with path.open("r+b") as log:
            log.seek(start)
            log.write(container.logs())


def _recorded(container: Container) -> Recorded:
    state = container.attrs["State"] if isinstance(container.attrs.get("State"), dict) else {}
    return Recorded(
        name=container.labels[NAME_LABEL],
        pid=int(state.get("Pid", 0)),
        created_at_unix=_unix(str(state.get("StartedAt", ""))),
        command=tuple(container.attrs.get("Args", ())),
        ports=json.loads(container.labels.get(PORTS_LABEL, "{}")),
    )


def _unix(timestamp: str) -> float:
    """Of a time as the engine writes it, with nanoseconds."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?", timestamp)
    return (
        datetime.fromisoformat(f"{found[1]}{found[2] or ''}+00:00").timestamp()
        if found and found[1] >= "1970"
        else 0.0
    )


def _slug(text: str) -> str:
    """Fit for a name of the engine's."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "stack"
