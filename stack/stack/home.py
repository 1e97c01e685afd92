"""A home: the folder that holds everything one stack keeps (state, secrets, logs, data)."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack.errors import DiskFull, StackBusy

Document = dict[str, Any]


def random_token() -> str:
    """Returns 256 random bits as 64 hexadecimal digits, which need no quotes anywhere."""
    return secrets.token_hex(32)


def write_private(path: Path, text: str) -> None:
    """Replaces the file at `path` atomically by `text`, readable by its owner only."""
    descriptor, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}."
    )  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def unless_full() -> Iterator[None]:
    """Ignores a full disk for writes that may be lost: a stop must work then, too."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise


def is_full(error: OSError) -> bool:
    """Returns whether an error says that a disk or a quota is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


class Home:
    """The folder of one stack. Safe for use by several threads and processes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.logs = self.path / "logs"

    def create(self) -> None:
        """Makes the folder, closed to other users: it holds secrets."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        self.logs.mkdir(exist_ok=True)

    def require_room(self, least_bytes: int) -> None:
        """Raises DiskFull unless that much is free where the home is."""
        free = shutil.disk_usage(self.path).free
        if free < least_bytes:
            raise DiskFull(self.path, free)

    def log_path(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def state(self) -> Document:
        """The last recorded state; empty for a new home."""
        return _read(self.path / "state.json")

    @contextmanager
    def changing_state(self) -> Iterator[Document]:
        """Yields the state to change in place; writes it at the end, unless the block raises."""
        with self._changing("state.json") as document:
            yield document

    def secret(self, name: str, make: Callable[[], str] = random_token) -> str:
        """The secret of that name, made by `make` at the first call and the same ever after."""
        known = _read(self.path / "secrets.json").get(name)
        if known is not None:
            return str(known)
        with self._changing("secrets.json") as document:
            return str(document.setdefault(name, make()))

    def has_secret(self, name: str) -> bool:
        """Returns whether it was ever made."""
        return name in _read(self.path / "secrets.json")

    def forget_secret(self, name: str) -> None:
        with self._changing("secrets.json") as document:
            document.pop(name, None)

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Keeps other `up` and `down` runs away from this home.

        Raises StackBusy at once if one is at work.
        """
        self.create()
        with (self.path / "lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StackBusy(
                    f"process {file.read().strip() or 'unknown'} is starting or stopping the "
                    f"stack in {self.path}",
                    advice="wait until it is done",
                ) from None
            with unless_full():
                # Only whoever is refused reads it. Not through the file's buffer, which would be
                # written at its end again.
                os.ftruncate(file.fileno(), 0)
                os.write(file.fileno(), str(os.getpid()).encode())
            yield

    @contextmanager
    def _changing(self, name: str) -> Iterator[Document]:
        self.create()
        # The lock is a file of its own: the document itself is replaced at every write.
        with (self.path / f".{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            document = _read(self.path / name)
            yield document
            write_private(self.path / name, json.dumps(document, indent=2) + "\n")


def _read(path: Path) -> Document:
    try:
        document: Document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return document
