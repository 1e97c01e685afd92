"""Commands of a platform that runs: start, stop, status, logs, demo."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import deque
from typing import Final

from rich.console import Console
from rich.table import Table

from stack import topology
from stack.binaries import checkout
from stack.commands.options import (
    Exit,
    add_command,
    add_platform_options,
    explaining_answers,
    lasting_platform,
    make_command,
    platform_at,
)
from stack.errors import StackError
from stack.status import State

LAST_LINES: Final = 200
FOLLOW_SECONDS: Final = 0.3
COLOURS: Final = {
    State.READY: "green",
    State.NOT_READY: "yellow",
    State.CRASHED: "red",
    State.STOPPED: "dim",
}


def _up(chosen: argparse.Namespace) -> Exit:
    console = Console(highlight=False, soft_wrap=True)
    platform = lasting_platform(chosen, console)
    began = time.monotonic()
    platform.up()
    console.print(f"\n[bold]ready[/] after {time.monotonic() - began:.1f} s")
    console.print(
        f"  API      {platform.gateway_url}  (documentation at {platform.gateway_url}/docs)"
    )
    console.print(f"  pages    {platform.web_url}  (journeys at {platform.web_url}/studio)")
    console.print(f"  traces   {platform.sink_url}/traces")
    console.print(
        f"  staff    {topology.STAFF_EMAIL}, password in {platform.home / 'secrets.json'}"
    )
    return Exit.OK


def _demo(chosen: argparse.Namespace) -> Exit:
    from stack.shoppers import demo

    console = Console(highlight=False, soft_wrap=True)
    platform = lasting_platform(chosen, console)
    began = time.monotonic()
    platform.up()
    explaining_answers(lambda: demo.run(platform, chosen.products, console))
    console.print(
        f"\n[bold]done[/] after {time.monotonic() - began:.1f} s; the platform goes on running, "
        f"`{make_command('down', chosen)}` stops it"
    )
    for what, url in (
        ("API docs", f"{platform.gateway_url}/docs"),
        ("journeys", f"{platform.web_url}/studio"),
        ("shop", platform.web_url),
        ("mail box", platform.url("mailbox")),
        ("metrics", f"{platform.url('gateway-1', 'admin')}/metrics"),
        ("traces", f"{platform.sink_url}/traces"),
    ):
        console.print(f"  {what:<9} {url}")
    console.print(
        f"  staff     {topology.STAFF_EMAIL}, password in {platform.home / 'secrets.json'}"
    )
    return Exit.OK


def _down(chosen: argparse.Namespace) -> Exit:
    platform_at(chosen).down(purge=chosen.purge)
    Console(highlight=False).print("stopped" + (", and everything deleted" if chosen.purge else ""))
    return Exit.OK


def _status(chosen: argparse.Namespace) -> Exit:
    lines = platform_at(chosen).status()
    table = Table("component", "state", "pid", "ports", "uptime", box=None, pad_edge=False)
    for line in lines:
        ports = ", ".join(f"{kind} {port}" for kind, port in line.ports.items()) if line.pid else ""
        uptime = "" if line.uptime_seconds is None else _duration(line.uptime_seconds)
        table.add_row(
            line.name, f"[{COLOURS[line.state]}]{line.state}[/]", str(line.pid or ""), ports, uptime
        )
    console = Console(highlight=False)
    # Cut to the 80 columns of no terminal, the table would lose what a script looks for.
    console.print(table, no_wrap=True, width=None if console.is_terminal else 200)
    return Exit.OK if all(line.state is State.READY for line in lines) else Exit.NOT_RUNNING


def _prometheus_config(chosen: argparse.Namespace) -> Exit:
    from stack.watch import scraping

    rules = sorted((checkout() / "deploy" / "alerts").glob("*.yaml"))
    sys.stdout.write(scraping.config(platform_at(chosen), rules))
    return Exit.OK


def _logs(chosen: argparse.Namespace) -> Exit:
    platform = platform_at(chosen)
    path = platform.log_path(chosen.name)
    if not path.exists():
        known = ", ".join(sorted(log.stem for log in path.parent.glob("*.log"))) or "none yet"
        raise StackError(
            f"there is no log of {chosen.name} in {path.parent}", advice=f"the logs are: {known}"
        )
    with path.open(encoding="utf-8", errors="replace") as log:
        sys.stdout.writelines(deque(log, maxlen=chosen.lines))
        sys.stdout.flush()
        while chosen.follow:
            sys.stdout.write(log.read())
            sys.stdout.flush()
            time.sleep(FOLLOW_SECONDS)
            platform.log_path(chosen.name)
    return Exit.OK


def _run(chosen: argparse.Namespace) -> Exit:
    if chosen.stack != "embedded":
        raise StackError("a command runs as a process of this machine", advice="leave --stack out")
    service, *arguments = chosen.service_command or [""]
    env = platform_at(chosen).environment(f"{service}-1") | {
        "SERVICE_INSTANCE": f"{service}-command",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", service, *arguments]
    sys.exit(subprocess.run(command, env=os.environ | env, check=False).returncode)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds these commands to the parser."""
    up = add_command(
        commands, "up", _up, "start whatever does not run, and wait until all of it is ready"
    )
    add_platform_options(up)
    demo = add_command(
        commands,
        "demo",
        _demo,
        "start the platform, fill it, and play a purchase through its public API",
    )
    demo.add_argument(
        "--products",
        type=int,
        default=1000,
        metavar="N",
        help="size of the catalogue (default 1000)",
    )
    add_platform_options(demo)
    down = add_command(commands, "down", _down, "stop everything")
    down.add_argument(
        "--purge", action="store_true", help="delete the data, the logs and the secrets too"
    )
    add_command(commands, "status", _status, "show what runs")
    add_command(
        commands,
        "prometheus-config",
        _prometheus_config,
        "print a configuration for a Prometheus that scrapes this platform",
    )
    run = add_command(
        commands,
        "run",
        _run,
        "run a command of a service with its settings, e.g. run journey import --help",
    )
    run.add_argument("service_command", nargs=argparse.REMAINDER, metavar="SERVICE COMMAND ...")
    logs = add_command(
        commands,
        "logs",
        _logs,
        "show the log of one component, e.g. catalog-1, catalog-migrate, postgres",
    )
    logs.add_argument("name", metavar="NAME")
    logs.add_argument("-f", "--follow", action="store_true", help="go on until Ctrl-C")
    logs.add_argument(
        "-n",
        "--lines",
        type=int,
        default=LAST_LINES,
        metavar="N",
        help=f"how many (default {LAST_LINES})",
    )
