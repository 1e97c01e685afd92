"""Descriptions of containers, and the limits of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MEMORY: Final = "512m"
TMP: Final = "rw,noexec,nosuid,size=64m,mode=1777"
PROCESSES: Final = 256


@dataclass(frozen=True)
class Box:
    """A container to run.

    `ports` maps a kind to (its port inside, this machine's); `files` is a volume's mount point.
    """

    image: str
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    ports: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    files: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)


# What every container of ours lives with.
CONFINED: Final[Mapping[str, Any]] = {
    "read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"],
    "tmpfs": {"/tmp": TMP},  # noqa: S108
    "mem_limit": MEMORY, "memswap_limit": MEMORY, "pids_limit": PROCESSES,
}  # fmt: skip
