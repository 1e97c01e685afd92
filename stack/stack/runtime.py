"""Runtime of a stack's parts: the protocol of `Platform`, and processes of this machine."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, Protocol

from stack.embedded.nats import Nats
from stack.embedded.postgres import Postgres
from stack.embedded.processes import Launch, ProcessTable, Recorded
from stack.environment import Program, Wiring
from stack.home import Home
from stack.permissions import Permissions

Kind = Literal["embedded", "containers"]
# A service sees nothing else of the shell that started the stack, so that a stray DATABASE_URL
# cannot reach it.
INHERITED: Final = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "VIRTUAL_ENV",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PYTHONPATH",
)


class Runtime(Protocol):
    """A place that runs programs by the names of their instances.

    Its records outlive the process that started them.

    `start` does nothing to what is alive. `run` runs to the end and raises ComponentFailed unless
    it is a good one; `stop` is orderly, `kill` is not, and only the former forgets the name.
    `wait_until` raises ComponentFailed as soon as the program ends, and Interrupted.
    """

    @property
    def home(self) -> Home: ...

    @property
    def at(self) -> str:
        """The host whose ports are theirs, as this machine reaches it."""

    def prepare(self) -> None:
        """Makes what all programs need. Idempotent."""

    def clear(self, *, purge: bool) -> None:
        """Removes it again, once all programs are stopped; `purge` their data too."""

    def servers(
        self, ports: Mapping[str, int], *, durable: bool, users: Mapping[str, Permissions]
    ) -> tuple[Postgres, Nats]:
        """The servers, as this machine reaches them."""

    def seen_from_inside(self, wiring: Wiring) -> Wiring:
        """The wiring as the programs see it."""

    def start(self, name: str, program: Program, ports: Mapping[str, int]) -> None: ...

    def run(
        self,
        name: str,
        program: Program,
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None: ...

    def stop(self, name: str, *, within_seconds: float) -> None: ...

    def kill(self, name: str) -> None: ...

    def wait_until(
        self,
        name: str,
        is_ready: Callable[[], bool],
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None: ...

    def is_alive(self, name: str) -> bool: ...

    def get(self, name: str) -> Recorded | None: ...

    def all(self) -> list[Recorded]: ...

    def log_path(self, name: str) -> Path:
        """The file with everything that it wrote, up to now."""


class Processes:
    """Programs as detached processes of this machine."""

    at = "127.0.0.1"

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self._table = ProcessTable(self.home)
        self.stop, self.kill, self.wait_until = (
            self._table.stop,
            self._table.kill,
            self._table.wait_until,
        )
        self.is_alive, self.get, self.all = self._table.is_alive, self._table.get, self._table.all
        self.log_path = self.home.log_path

    def prepare(self) -> None:
        self.home.create()

    def clear(self, *, purge: bool) -> None:
        if purge:
            shutil.rmtree(self.home.path, ignore_errors=True)

    def servers(
        self, ports: Mapping[str, int], *, durable: bool, users: Mapping[str, Permissions]
    ) -> tuple[Postgres, Nats]:
        path = self.home.path
        return (
            Postgres(path, ports["postgres.sql"], durable),
            Nats(path, ports["nats.client"], monitor_port=ports["nats.monitor"], users=users),
        )

    def seen_from_inside(self, wiring: Wiring) -> Wiring:
        return wiring

    def start(self, name: str, program: Program, ports: Mapping[str, int]) -> None:
        if program.component.folder:
            (self.home.path / program.component.name).mkdir(exist_ok=True)
        self._table.start(name, replace(self._launch(program), ports=ports))

    def run(
        self,
        name: str,
        program: Program,
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None:
        self._table.run(
            name, self._launch(program), within_seconds=within_seconds, cancelled=cancelled
        )

    def _launch(self, program: Program) -> Launch:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return Launch(
            # -P: the working directory must not provide modules, and the home has a folder named
            # `nats`.
            command=(sys.executable, "-P", "-m", *program.module),
            env={**inherited, "PYTHONUNBUFFERED": "1", **program.env},
            cwd=self.home.path,
        )
