"""A table of detached processes that outlives the process which started them."""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from typing import Final

import psutil

from stack.errors import ComponentFailed, Interrupted
from stack.home import Home, unless_full

# The kernel's start time is exact, but psutil adds the boot time, which moves by a second when the
# clock is adjusted.
SAME_START_SECONDS: Final = 2.0
TAIL_LINES: Final = 15
TAIL_BYTES: Final = 64 * 1024
POLL_SECONDS: Final = 0.05
PROBE_TIMEOUT_SECONDS: Final = 1.0

# Children of this very process, by pid: an exited child stays a zombie, and keeps its exit code,
# until it is asked.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Launch:
    """A process to run.

    `ports` (kind → number) is only for show; `user` is (uid, gid) and needs root.
    """

    command: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    user: tuple[int, int] | None = None


@dataclass(frozen=True)
class Recorded:
    """A process that was started.

    `created_at_unix` tells it from a stranger that got the same pid later.

    `log_from_bytes` is where its own output begins in the log, which holds the runs before it too.
    """

    name: str
    pid: int
    created_at_unix: float
    command: tuple[str, ...]
    ports: Mapping[str, int]
    log_from_bytes: int = 0

    @property
    def uptime_seconds(self) -> float:
        return max(0.0, time.time() - self.created_at_unix)


class ProcessTable:
    """The processes of one home, recorded in its state.

    Signals reach only processes that this table started.
    """

    def __init__(self, home: Home) -> None:
        self.home = home

    def start(self, name: str, launch: Launch) -> Recorded:
        """Starts a process in its own session, with its output appended to the home's log.

        Returns the recorded process; does nothing if it is alive already. Raises ComponentFailed if
        it cannot be run.
        """
        self.home.create()
        with self.home.changing_state() as state, self.home.log_path(name).open("ab") as log:
            known = _recorded(state.get("processes", {}).get(name))
            if known and _find(known):
                return known
            uid, gid = launch.user or (None, None)
            try:
                child = subprocess.Popen(
                    launch.command,
                    env=dict(launch.env),
                    cwd=launch.cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=uid,
                    group=gid,
                    extra_groups=None if uid is None else [],
                )
            except OSError as error:
                raise ComponentFailed(
                    name, f"cannot run {launch.command[0]}: {error.strerror}"
                ) from error
            _children[child.pid] = child
            created_at_unix = psutil.Process(child.pid).create_time()
            recorded = Recorded(
                name,
                child.pid,
                created_at_unix,
                launch.command,
                launch.ports,
                log_from_bytes=log.tell(),
            )
            state.setdefault("processes", {})[name] = asdict(recorded)
        return recorded

    def adopt(self, name: str, pid: int, ports: Mapping[str, int]) -> Recorded:
        """Records a running process that the caller knows to be ours, after the state was lost."""
        process = psutil.Process(pid)
        recorded = Recorded(name, pid, process.create_time(), tuple(process.cmdline()), ports)
        with self.home.changing_state() as state:
            state.setdefault("processes", {})[name] = asdict(recorded)
        return recorded

    def get(self, name: str) -> Recorded | None:
        """Returns the record of a name, alive or not."""
        return _recorded(self.home.state().get("processes", {}).get(name))

    def all(self) -> list[Recorded]:
        """Every recorded process, alive or not, in the order of their first start."""
        found = (_recorded(entry) for entry in self.home.state().get("processes", {}).values())
        return [recorded for recorded in found if recorded]

    def is_alive(self, name: str) -> bool:
        """True while the very process that was recorded runs: same pid and same start."""
        recorded = self.get(name)
        return recorded is not None and _find(recorded) is not None

    def exit_code(self, name: str) -> int | None:
        """Returns the exit code of a process of this one; a negative one is a signal.

        Returns None if it is unknown or still alive.
        """
        recorded = self.get(name)
        child = _children.get(recorded.pid) if recorded else None
        return child.poll() if child else None

    def send(self, name: str, number: Signals) -> bool:
        """Sends the signal; False if the process is gone, or its pid now belongs to a stranger."""
        recorded = self.get(name)
        process = _find(recorded) if recorded else None
        if process is None:
            return False
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return False
        return True

    def stop(self, name: str, *, by: Signals = SIGTERM, within_seconds: float = 25.0) -> None:
        """Signals a process to end, kills it after `within_seconds`, and forgets it."""
        self.send(name, by)
        if not self._gone(name, within_seconds):
            self.send(name, SIGKILL)
            self._gone(name, within_seconds)
        self.forget(name)

    def kill(self, name: str) -> None:
        """Ends the process by SIGKILL and returns when it is gone.

        It stays recorded, so that it shows as crashed.
        """
        self.send(name, SIGKILL)
        self._gone(name, within_seconds=10.0)

    def forget(self, name: str) -> None:
        # On a full disk it stays recorded, and shows as crashed.
        with unless_full(), self.home.changing_state() as state:
            state.get("processes", {}).pop(name, None)

    def tail(self, name: str) -> str:
        """The last 15 lines that the process wrote; empty if it wrote nothing."""
        recorded = self.get(name)
        try:
            with self.home.log_path(name).open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(size - TAIL_BYTES, recorded.log_from_bytes if recorded else 0))
                text = log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-TAIL_LINES:])

    def failure(self, name: str, why: str, *, advice: str = "") -> ComponentFailed:
        """The error to raise for the process, with the end and the path of its log."""
        return ComponentFailed(
            name, why, self.home.log_path(name), tail=self.tail(name), advice=advice
        )

    def wait_until(
        self,
        name: str,
        is_ready: Callable[[], bool],
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None:
        """Returns once `is_ready()`.

        Raises ComponentFailed as soon as the process exits, or after `within_seconds`; Interrupted
        once `cancelled` is set.
        """
        deadline = time.monotonic() + within_seconds
        pause = cancelled or threading.Event()
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

    def run(
        self,
        name: str,
        launch: Launch,
        *,
        within_seconds: float,
        cancelled: threading.Event | None = None,
    ) -> None:
        """Runs a command to its end.

        Raises ComponentFailed unless it exits with 0 in time; nothing of it stays behind.
        """
        self.stop(name)  # one left over by an interrupted run
        self.start(name, launch)
        deadline = time.monotonic() + within_seconds
        pause = cancelled or threading.Event()
        try:
            while (code := self.exit_code(name)) is None:
                if time.monotonic() > deadline:
                    raise self.failure(name, f"not done within {within_seconds:g} s")
                if pause.wait(POLL_SECONDS):
                    raise Interrupted(f"{name}: given up waiting")
            if code != 0:
                raise self.failure(name, f"exit code {code}")
        finally:
            self.stop(name)

    def _gone(self, name: str, within_seconds: float) -> bool:
        deadline = time.monotonic() + within_seconds
        while self.is_alive(name):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def answers_ready(port: int, path: str = "/readyz", *, host: str = "127.0.0.1") -> bool:
    """True if GET `path` on that port answers 200 within a second."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _find(recorded: Recorded) -> psutil.Process | None:
    child = _children.get(recorded.pid)
    if child:
        child.poll()
    try:
        process = psutil.Process(recorded.pid)
        if abs(process.create_time() - recorded.created_at_unix) > SAME_START_SECONDS:
            return None
        # In a container without an init, or as a child of another process, the dead stay in the
        # table.
        return None if process.status() == psutil.STATUS_ZOMBIE else process
    except psutil.NoSuchProcess:
        return None


def _recorded(entry: dict[str, object] | None) -> Recorded | None:
    if entry is None:
        return None
    fields: dict[str, object] = {**entry, "command": tuple(entry["command"])}  # type: ignore[arg-type]
    return Recorded(**fields)  # type: ignore[arg-type]
