"""Errors of the stack. Each says what to do about it."""

from __future__ import annotations

from pathlib import Path


class StackError(Exception):
    """Anything that the stack refuses or fails to do.

    `advice` is one sentence on what to do next, or empty.
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class PortInUse(StackError):
    """Another process listens where `component` should.

    `setting` is what moves the component elsewhere.
    """

    def __init__(self, component: str, port: int, *, setting: str) -> None:
        super().__init__(
            f"{component}: port {port} on 127.0.0.1 is in use by another process",
            advice=f"stop that process, or choose another port with {setting}",
        )
        self.component, self.port, self.setting = component, port, setting


class DiskFull(StackError):
    """The disk that holds `path` has no room left for the stack."""

    def __init__(self, path: Path, free_bytes: int) -> None:
        super().__init__(
            f"the disk that holds {path} is full: {free_bytes // 2**20} MiB are free",
            advice="make room there and try again, or choose another folder with --home",
        )


class ComponentFailed(StackError):
    """`component` did not start or did not get ready. `tail` holds the last lines of its log."""

    def __init__(
        self,
        component: str,
        why: str,
        log_path: Path | None = None,
        *,
        tail: str = "",
        advice: str = "",
    ) -> None:
        super().__init__(f"{component}: {why}", advice=advice)
        self.component, self.why, self.log_path, self.tail = component, why, log_path, tail


class UnknownComponent(StackError):
    """No component or instance of that name is in the topology or was ever started."""


class StackBusy(StackError):
    """Another process is starting or stopping the same home."""


class Interrupted(StackError):
    """The wait was given up because another component failed, or the user pressed Ctrl-C."""
