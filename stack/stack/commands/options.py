"""Options that commands share, and platforms made of them."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, get_args

import httpx
from rich.console import Console

from stack.binaries import checkout
from stack.errors import StackError
from stack.platform import Platform
from stack.runtime import Kind
from stack.shoppers.shopper import ApiError


class Exit(IntEnum):
    """Exit codes. 2 is argparse's, for a command that it cannot read."""

    OK = 0
    FAILED = 1
    NOT_RUNNING = 3
    BUSY = 4
    INTERRUPTED = 130


def lasting_platform(chosen: argparse.Namespace, console: Console) -> Platform:
    """Returns the platform that the options of `_add_platform_options` describe."""
    return platform_of(
        chosen,
        console,
        ports=chosen.port_base or "default",
        replicas=dict(chosen.replicas),
        clock="real" if chosen.real_clock else "virtual",
        durable=not chosen.not_durable,
        settings={"gateway": {"ALLOWED_ORIGINS": json.dumps(chosen.allowed_origins or ["*"])}},
    )


def platform_of(chosen: argparse.Namespace, console: Console, **options: Any) -> Platform:
    printing = threading.Lock()

    def report(component: str, what: str, elapsed_seconds: float) -> None:
        with printing:
            console.print(f"[green]✓[/] {component:<20} {what} after {elapsed_seconds:.1f} s")

    return Platform(home=home_of(chosen), kind=chosen.stack, report=report, **options)


@contextmanager
def owned(platform: Platform, chosen: argparse.Namespace, purpose: str) -> Iterator[None]:
    """Stops the stack at the block's end or this process's kill; names an earlier run's rest."""
    from stack.embedded.guardian import owning, stop_leftovers

    stop_leftovers(lambda line: print(line, file=sys.stderr))
    with owning(platform.home, purpose, kind=platform.kind, purges=not chosen.keep):
        try:
            yield
        finally:
            platform.down(purge=not chosen.keep)


def require_processes(chosen: argparse.Namespace) -> None:
    if chosen.stack != "embedded":
        raise StackError(
            "CPU and memory are measured of processes of this machine", advice="leave --stack out"
        )


def explaining_answers(run: Callable[[], None]) -> None:
    """Runs a story; an answer of the API that breaks it is a failure of the component `gateway`."""
    try:
        run()
    except ApiError as error:
        why = f"{error}; look at the trace, and at the logs of the services in it"
        raise StackError(
            why, advice="`python -m stack logs NAME` shows a component's log"
        ) from error
    except httpx.HTTPError as error:
        raise StackError(
            f"the gateway did not answer: {type(error).__name__}",
            advice="`make status` shows what runs",
        ) from error


def make_command(target: str, chosen: argparse.Namespace) -> str:
    """The command for a person to type."""
    return f"make {target}" + ("" if chosen.stack == "embedded" else f" STACK={chosen.stack}")


def home_of(chosen: argparse.Namespace) -> Path:
    # Data of one kind is of no use to the other: each has a home of its own.
    found: Path = chosen.home or checkout() / ".stack" / (
        "dev" if chosen.stack == "embedded" else "containers"
    )
    return found.resolve()


def platform_at(chosen: argparse.Namespace) -> Platform:
    return Platform(home=home_of(chosen), kind=chosen.stack)


def _replicas(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not count.isdigit() or int(count) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=COUNT")
    return name, int(count)


def add_platform_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a platform that goes on running."""
    parser.add_argument(
        "--port-base",
        type=int,
        metavar="N",
        help="count all ports up from N instead of taking the usual ones",
    )
    parser.add_argument(
        "--replicas",
        type=_replicas,
        action="append",
        default=[],
        metavar="NAME=COUNT",
        help="e.g. catalog=2",
    )
    parser.add_argument(
        "--real-clock",
        action="store_true",
        help="business time cannot be moved; without it the demo moves it by two hours",
    )
    parser.add_argument(
        "--not-durable",
        action="store_true",
        help="faster; a crash of the machine may lose the data",
    )
    parser.add_argument(
        "--allowed-origin",
        dest="allowed_origins",
        action="append",
        metavar="ORIGIN",
        help="of a browser front end that may call the API, e.g. http://localhost:3000; "
        "repeatable (default any)",
    )


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], Exit],
    summary: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=summary, description=summary[0].upper() + summary[1:] + "."
    )
    parser.set_defaults(command=run)
    parser.add_argument(
        "--home",
        type=Path,
        metavar="FOLDER",
        help="where the stack keeps everything (default .stack/dev or .stack/containers)",
    )
    parser.add_argument(
        "--stack",
        choices=get_args(Kind),
        default="embedded",
        help="as processes of this machine, or in containers of a Docker engine",
    )
    return parser
