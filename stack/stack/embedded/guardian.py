"""Stops the processes of a home once the process that owns them has gone, however it went.

Benchmarks, chaos and tests own their stacks: nobody else stops them. A guardian is a process in a
session of its own. It reads a pipe whose other end only the owner has, so that the kernel tells it
of the owner's end, also by SIGKILL. A record of each owned home lets the next run find what a
killed guardian left.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import psutil

from stack.embedded.nats import Nats
from stack.embedded.postgres import NAME as POSTGRES
from stack.embedded.postgres import Postgres
from stack.embedded.processes import SAME_START_SECONDS, ProcessTable
from stack.home import Home, write_private
from stack.runtime import Kind

_DONE: Final = b"done"
_PR_SET_PDEATHSIG: Final = 1
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Owned:
    """A home, and the process that stops its stack.

    `created_at_unix` tells that process from a stranger with its pid.
    """

    home: str
    purpose: str
    pid: int
    created_at_unix: float
    kind: Kind = "embedded"

    @property
    def is_owner_alive(self) -> bool:
        """Returns whether the owner still runs."""
        try:
            return bool(
                abs(psutil.Process(self.pid).create_time() - self.created_at_unix)
                < SAME_START_SECONDS
            )
        except psutil.NoSuchProcess:
            return False

    @property
    def record(self) -> Path:
        """The file that the next run finds it by."""
        return _records() / f"{hashlib.sha256(self.home.encode()).hexdigest()[:16]}.json"


def _records() -> Path:
    folder = Path(tempfile.gettempdir()) / f"sojourn-owned-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@contextmanager
def owning(
    home: Path, purpose: str, *, kind: Kind = "embedded", purges: bool = True
) -> Iterator[None]:
    """Owns the stack in a home while the block runs.

    If this process ends inside the block, the stack is stopped for it.

    The block itself stops what it starts; the guardian stops what is left after an error. `purges`
    lets it delete the home too. `purpose` is shown to people, e.g. "make bench".
    """
    me = psutil.Process()
    owned = Owned(str(home.resolve()), purpose, me.pid, me.create_time(), kind)
    write_private(owned.record, json.dumps(asdict(owned)))
    arguments = [owned.home, "--kind", kind, *(["--purge"] if purges else [])]
    command = [sys.executable, "-P", "-m", "stack.embedded.guardian", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as guardian:
        assert guardian.stdin is not None
        try:
            yield
            with suppress(OSError):
                guardian.stdin.write(_DONE)
        finally:
            # After an error or an interrupt the guardian looks whether anything is left.
            with suppress(OSError):
                guardian.stdin.close()
            guardian.wait()
            owned.record.unlink(missing_ok=True)


def end_with_parent() -> None:
    """Makes the kernel kill this child when its parent thread ends; a `preexec_fn`.

    For children of a main thread.

    Linux only.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_leftovers(say: Callable[[str], None]) -> None:
    """Finds stacks whose owner and guardian were killed, names their processes, and stops them."""
    for record in sorted(_records().glob("*.json")):
        try:
            owned = Owned(**json.loads(record.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if owned.is_owner_alive:
            continue
        alive = _alive(Path(owned.home))
        if alive:
            say(
                f"left over by `{owned.purpose}` (process {owned.pid}, which has ended) in "
                f"{owned.home}: {', '.join(alive)}; stopping them"
            )
        stop(Path(owned.home), kind=owned.kind, purges=True)
        record.unlink(missing_ok=True)


def _alive(home: Path) -> list[str]:
    if not home.exists():
        return []
    table = ProcessTable(Home(home))
    return [
        f"{process.name} ({process.pid})" for process in table.all() if table.is_alive(process.name)
    ]


def stop(home: Path, *, kind: Kind = "embedded", purges: bool) -> None:
    """Stops every process of a home, those that store last.

    Does nothing where there is no such home. A guardian and the next run may both come: the second
    waits for the first.
    """
    record = Owned(str(home.resolve()), "", 0, 0.0).record
    with record.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if home.exists():
            _stop(home, kind, purges)
        if not home.exists():
            record.with_suffix(".lock").unlink(missing_ok=True)


def _stop(home: Path, kind: Kind, purges: bool) -> None:
    if kind == "containers":
        from stack.platform import Platform

        Platform(home=home, kind="containers").down(purge=purges)
    table = ProcessTable(Home(home))
    names = [process.name for process in table.all()]
    servers = [name for name in names if name in (POSTGRES, "nats")]
    with ThreadPoolExecutor(max_workers=16) as pool:
        list(
            pool.map(
                lambda name: table.stop(name, within_seconds=_STOP_SECONDS),
                [name for name in names if name not in servers],
            )
        )
        list(
            pool.map(
                lambda name: table.stop(name, by=signal.SIGINT, within_seconds=_STOP_SECONDS),
                servers,
            )
        )
    if purges:
        Postgres(home, 0, durable=False).purge()
        Nats(home, 0, monitor_port=0).purge()
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    """Waits for the owner's end, and stops what it left."""
    parser = argparse.ArgumentParser(prog="python -m stack.embedded.guardian", description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--kind", choices=["embedded", "containers"], default="embedded")
    parser.add_argument("--purge", action="store_true", help="delete the home too")
    chosen = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() != _DONE:
        stop(chosen.home, kind=chosen.kind, purges=chosen.purge)
        Owned(str(chosen.home), "", 0, 0.0).record.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
