"""Ports of a stack's parts: fixed ones, or free ones that a home keeps."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Final, Literal

from stack.errors import PortInUse, StackError
from stack.home import Home

# Below the kernel's ephemeral range (32768 up): there, any outgoing connection may take a port
# before we listen on it.
FREE_PORTS: Final = range(20_000, 32_000)
HIGHEST_PORT: Final = 65_535

PortChoice = Literal["default", "free"] | int

# Claims of this process, held until it exits, so that two stacks that start at the same time choose
# different ports.
_claims: list[IO[str]] = []


def setting_of(slot: str) -> str:
    """The environment variable that moves a slot:

    `catalog-1.grpc` → `SOJOURN_PORT_CATALOG_1_GRPC`.
    """
    return "SOJOURN_PORT_" + slot.upper().replace("-", "_").replace(".", "_")


def chosen(home: Home, defaults: Mapping[str, int], choice: PortChoice) -> dict[str, int]:
    """The port of every slot in `defaults` (slot → default port).

    `default` takes the defaults, a number counts up from it in the order of the slots, and `free`
    takes unused ports, which the home keeps. A slot's environment variable beats all of these.
    Raises StackError if a number is not a port.
    """
    match choice:
        case "default":
            ports = dict(defaults)
        case "free":
            ports = _kept(home, defaults)
        case base:
            ports = {slot: base + index for index, slot in enumerate(defaults)}
    for slot in ports:
        setting = setting_of(slot)
        if setting in os.environ:
            ports[slot] = _number(setting, os.environ[setting])
    for slot, port in ports.items():
        if not 0 < port <= HIGHEST_PORT:
            raise StackError(
                f"{slot}: {port} is not a port",
                advice=f"set {setting_of(slot)} to 1…{HIGHEST_PORT}",
            )
    return ports


def require_free(component: str, ports: Iterable[tuple[str, int]]) -> None:
    """Raises PortInUse if anything listens on one of the (slot, port) pairs."""
    for slot, port in ports:
        if not is_free(port):
            raise PortInUse(component, port, setting=f"{setting_of(slot)} or --port-base")


def is_free(port: int) -> bool:
    """True if a server could listen on that port of the loopback now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # connections in TIME_WAIT do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def accepts(port: int) -> bool:
    """True if a server on that port of the loopback accepts a connection within a second."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Returns a free port of loopback, which no other call returns in this process's life."""
    claims = Path(tempfile.gettempdir()) / f"sojourn-ports-{os.getuid()}"
    claims.mkdir(mode=0o700, exist_ok=True)
    for port in random.sample(FREE_PORTS, len(FREE_PORTS)):
        claim = (claims / str(port)).open("w", encoding="utf-8")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.close()
            continue
        if is_free(port):
            _claims.append(claim)
            return port
        claim.close()
    raise StackError(
        f"no free port in {FREE_PORTS.start}…{FREE_PORTS.stop - 1}",
        advice="stop some stacks of this machine",
    )


def _kept(home: Home, slots: Iterable[str]) -> dict[str, int]:
    with home.changing_state() as state:
        kept: dict[str, int] = state.setdefault("free_ports", {})
        return {slot: kept.get(slot) or kept.setdefault(slot, free_port()) for slot in slots}


def _number(setting: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise StackError(
            f"{setting} is {text!r}, which is no number",
            advice=f"unset {setting} or make it a port",
        ) from None
