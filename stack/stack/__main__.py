"""The stack's commands. `python -m stack --help` lists them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, get_args

import httpx
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stack import topology
from stack.bench import command as bench_command
from stack.binaries import checkout
from stack.errors import ComponentFailed, DiskFull, StackBusy, StackError
from stack.home import is_full
from stack.platform import Platform, State, say_nothing
from stack.runtime import Kind
from stack.shoppers import shop
from stack.shoppers.shopper import ApiError

LAST_LINES: Final = 200
FOLLOW_SECONDS: Final = 0.3
ACTS: Final = ("sell-out", "double-tap", "overload")
COLOURS: Final = {
    State.READY: "green",
    State.NOT_READY: "yellow",
    State.CRASHED: "red",
    State.STOPPED: "dim",
}


class Exit(IntEnum):
    """Exit codes. 2 is argparse's, for a command that it cannot read."""

    OK = 0
    FAILED = 1
    NOT_RUNNING = 3
    BUSY = 4
    INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code.

    Errors go to stderr with their cause, log and advice.
    """
    chosen = _parser().parse_args(arguments)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    command: Callable[[argparse.Namespace], Exit] = chosen.command
    try:
        return command(chosen)
    except StackError as error:
        _explain(error, errors)
        return Exit.BUSY if isinstance(error, StackBusy) else Exit.FAILED
    except OSError as error:
        if not is_full(error):
            raise
        _explain(DiskFull(_home(chosen), 0), errors)
        return Exit.FAILED
    except KeyboardInterrupt:
        errors.print(
            "interrupted; what was started still runs. `up` goes on from here, `down` stops it."
        )
        return Exit.INTERRUPTED


def _migration(chosen: argparse.Namespace) -> Exit:
    from stack import migration

    path = migration.draft(chosen.service, chosen.name)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"[bold]{path.resolve().relative_to(checkout())}[/]")
    console.print(
        "Read it, add what a draft leaves out (CHECKs, constraint names), and run the service's "
        "test of drift."
    )
    return Exit.OK


def _service(chosen: argparse.Namespace) -> Exit:
    from stack.scaffold.service import NewService, lay_out

    new = NewService(chosen.name, chosen.resource)
    for path in lay_out(new, chosen.root):
        print(path.relative_to(chosen.root))
    print(f"\n`make check` passes now; docs/how-to/add-a-service.md tells how {new.name} goes on")
    return Exit.OK


def _up(chosen: argparse.Namespace) -> Exit:
    console = Console(highlight=False, soft_wrap=True)
    platform = _lasting_platform(chosen, console)
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


def _lasting_platform(chosen: argparse.Namespace, console: Console) -> Platform:
    """Returns the platform that the options of `_add_platform_options` describe."""
    return _platform_of(
        chosen,
        console,
        ports=chosen.port_base or "default",
        replicas=dict(chosen.replicas),
        clock="real" if chosen.real_clock else "virtual",
        durable=not chosen.not_durable,
        settings={"gateway": {"ALLOWED_ORIGINS": json.dumps(chosen.allowed_origins or ["*"])}},
    )


def _platform_of(chosen: argparse.Namespace, console: Console, **options: Any) -> Platform:
    printing = threading.Lock()

    def report(component: str, what: str, elapsed_seconds: float) -> None:
        with printing:
            console.print(f"[green]✓[/] {component:<20} {what} after {elapsed_seconds:.1f} s")

    return Platform(home=_home(chosen), kind=chosen.stack, report=report, **options)


@contextmanager
def _owned(platform: Platform, chosen: argparse.Namespace, purpose: str) -> Iterator[None]:
    """Stops the stack at the block's end or this process's kill; names an earlier run's rest."""
    from stack.embedded.guardian import owning, stop_leftovers

    stop_leftovers(lambda line: print(line, file=sys.stderr))
    with owning(platform.home, purpose, kind=platform.kind, purges=not chosen.keep):
        try:
            yield
        finally:
            platform.down(purge=not chosen.keep)


def _demo(chosen: argparse.Namespace) -> Exit:
    from stack.shoppers import demo

    console = Console(highlight=False, soft_wrap=True)
    platform = _lasting_platform(chosen, console)
    began = time.monotonic()
    platform.up()
    _explaining_answers(lambda: demo.run(platform, chosen.products, console))
    console.print(
        f"\n[bold]done[/] after {time.monotonic() - began:.1f} s; the platform goes on running, "
        f"`{_make('down', chosen)}` stops it"
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


def _chaos(chosen: argparse.Namespace) -> Exit:
    from stack.faults import chaos, crowds

    console = Console(highlight=False, soft_wrap=True)
    platform = _platform_of(
        chosen,
        console,
        ports="free",
        replicas=chaos.REPLICATED,
        clock="virtual",
        settings=chaos.SETTINGS,
    )
    verdicts: list[bool] = []

    async def play() -> None:
        if "sell-out" in chosen.acts:
            console.print("\n[bold]The sell-out[/]")
            sold_out = chaos.sell_out(
                platform,
                shoppers=chosen.shoppers,
                units=chosen.units,
                seed=chosen.seed,
                say=console.print,
            )
            verdicts.append(chaos.print_verdict(await sold_out, console))
        if "double-tap" in chosen.acts:
            console.print("\n[bold]Double tap, with a slow bank[/]")
            verdicts.append(
                crowds.print_verdict(await crowds.double_tap(platform, say=console.print), console)
            )
        if "overload" in chosen.acts:
            console.print("\n[bold]Overload[/]")
            verdicts.append(
                crowds.print_verdict(
                    await crowds.overload(platform, shoppers=chosen.crowd, say=console.print),
                    console,
                )
            )

    with _owned(platform, chosen, "make chaos"):
        platform.up()
        _explaining_answers(lambda: asyncio.run(play()))
        return Exit.OK if all(verdicts) else Exit.FAILED


def _acts(text: str) -> tuple[str, ...]:
    acts = tuple(text.split(","))
    if unknown := set(acts) - set(ACTS):
        raise argparse.ArgumentTypeError(
            f"{', '.join(sorted(unknown))}: the acts are {', '.join(ACTS)}"
        )
    return acts


def _require_processes(chosen: argparse.Namespace) -> None:
    if chosen.stack != "embedded":
        raise StackError(
            "CPU and memory are measured of processes of this machine", advice="leave --stack out"
        )


def _bench(chosen: argparse.Namespace) -> Exit:
    _require_processes(chosen)
    console = Console(highlight=False, soft_wrap=True)
    platform = _platform_of(chosen, console, ports="free", settings=bench_command.settings(chosen))
    with _owned(platform, chosen, "make bench"):
        platform.up()
        errors: list[int] = []
        _explaining_answers(lambda: errors.append(bench_command.run(platform, chosen, console)))
        return Exit.OK if errors == [0] else Exit.FAILED


def _sizing(chosen: argparse.Namespace) -> Exit:
    if (text := bench_command.told(chosen)) is not None:
        print(text, end="")
        return Exit.OK
    _require_processes(chosen)
    console = Console(highlight=False, soft_wrap=True)
    platform = _platform_of(chosen, console, ports="free", settings=bench_command.limitless())
    with _owned(platform, chosen, "make sizing"):
        platform.up()
        _explaining_answers(lambda: bench_command.size(platform, chosen, console))
        return Exit.OK


def _images(chosen: argparse.Namespace) -> Exit:
    from stack.containers import bills, images, measuring

    console = Console(highlight=False, soft_wrap=True)
    client, root = images.engine(), checkout()
    tag = chosen.tag or images.new_tag()

    def built(reference: str, seconds: float) -> None:
        console.print(f"[green]✓[/] {reference} built after {seconds:.1f} s")

    references = images.Builder(client, built=built).build(images.all_images(), tag)
    written = bills.write(client, references, root)
    console.print(f"{len(written)} bills of materials in {written[0].parent}")
    if chosen.measure:
        table = Table("image", "shared MB", "own MB", "start to ready s", box=None, pad_edge=False)
        for one in measuring.measure(client, references, say_nothing):
            table.add_row(
                one.name,
                f"{one.shared_bytes / 1e6:.1f}",
                f"{one.own_bytes / 1e6:.1f}",
                f"{one.ready_seconds:.2f}",
            )
        console.print(table)
    images.record(references, root)
    console.print(tag)
    return Exit.OK


def _shop(chosen: argparse.Namespace) -> Exit:
    if chosen.url and chosen.api_key_file:
        url, api_key = chosen.url, chosen.api_key_file.read_text().strip()
    else:
        platform = _platform(chosen)
        url, api_key = platform.gateway_url, platform.synthetic_api_key
    try:
        return Exit.OK if asyncio.run(shop.run(chosen, url, api_key, shop.tell)) else Exit.FAILED
    except asyncio.CancelledError:
        return Exit.INTERRUPTED


def _explaining_answers(run: Callable[[], None]) -> None:
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


def _make(target: str, chosen: argparse.Namespace) -> str:
    """The command for a person to type."""
    return f"make {target}" + ("" if chosen.stack == "embedded" else f" STACK={chosen.stack}")


def _down(chosen: argparse.Namespace) -> Exit:
    _platform(chosen).down(purge=chosen.purge)
    Console(highlight=False).print("stopped" + (", and everything deleted" if chosen.purge else ""))
    return Exit.OK


def _status(chosen: argparse.Namespace) -> Exit:
    lines = _platform(chosen).status()
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
    sys.stdout.write(scraping.config(_platform(chosen), rules))
    return Exit.OK


def _logs(chosen: argparse.Namespace) -> Exit:
    platform = _platform(chosen)
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


def _home(chosen: argparse.Namespace) -> Path:
    # Data of one kind is of no use to the other: each has a home of its own.
    found: Path = chosen.home or checkout() / ".stack" / (
        "dev" if chosen.stack == "embedded" else "containers"
    )
    return found.resolve()


def _platform(chosen: argparse.Namespace) -> Platform:
    return Platform(home=_home(chosen), kind=chosen.stack)


def _explain(error: StackError, console: Console) -> None:
    console.print(f"[bold red]error[/] {escape(str(error))}")
    if isinstance(error, ComponentFailed):
        if error.tail:
            console.print(
                "".join(f"    {escape(line)}\n" for line in error.tail.splitlines()),
                end="",
                style="dim",
            )
        if error.log_path:
            console.print(f"  log    {escape(str(error.log_path))}")
    advice = (
        error.advice
        or "read the log, mend the cause and run `up` again: it starts only what is missing"
    )
    console.print(f"  to do  {escape(advice)}")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


def _replicas(text: str) -> tuple[str, int]:
    name, _, count = text.partition("=")
    if not count.isdigit() or int(count) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=COUNT")
    return name, int(count)


def _add_platform_options(parser: argparse.ArgumentParser) -> None:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stack",
        description="Runs the whole platform on this machine: PostgreSQL, NATS and every service, "
        "as processes with nothing to install, "
        "or in containers.",
        epilog="Exit codes: 0 done; 1 a component failed; 2 bad usage; 3 status: not everything is "
        "ready; "
        "4 another up or down is at work; 130 interrupted. A single port is moved by "
        "SOJOURN_PORT_<INSTANCE>_<KIND>, "
        "e.g. SOJOURN_PORT_GATEWAY_1_HTTP=8085 or SOJOURN_PORT_POSTGRES_SQL=5434.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    up = _add(commands, "up", _up, "start whatever does not run, and wait until all of it is ready")
    _add_platform_options(up)
    demo = _add(
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
    _add_platform_options(demo)
    chaos = _add(
        commands,
        "chaos",
        _chaos,
        "a sell-out with replicas killed, double taps at a slow bank, an overload; then the "
        "ledger against the orders",
    )
    chaos.add_argument(
        "--acts",
        type=_acts,
        default=ACTS,
        metavar="ACT,…",
        help=f"of {', '.join(ACTS)} (default all)",
    )
    chaos.add_argument(
        "--crowd", type=int, default=250, metavar="N", help="shoppers of the overload (default 250)"
    )
    chaos.add_argument("--shoppers", type=int, default=200, metavar="N", help="default 200")
    chaos.add_argument("--units", type=int, default=20, metavar="N", help="default 20")
    chaos.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="of the moments at which replicas are killed",
    )
    chaos.add_argument("--keep", action="store_true", help="keep the stack's data and logs")
    chaos.set_defaults(home=checkout() / ".stack" / "chaos")
    bench = _add(
        commands,
        "bench",
        _bench,
        "what each path costs, on a stack of its own, beside the floor that no path can undercut",
    )
    bench_command.add_options(bench)
    sizing = _add(
        commands,
        "sizing",
        _sizing,
        "what each service uses under a reference load; requests and limits from it",
    )
    bench_command.add_sizing_options(sizing)
    images = _add(
        commands,
        "images",
        _images,
        "build an image of every service, and a bill of materials of each; prints the tag last",
    )
    images.add_argument("--tag", metavar="X", help="instead of one that no build had before")
    images.add_argument(
        "--measure",
        action="store_true",
        help="tell the size of each and its time from start to ready",
    )
    shopper = _add(
        commands,
        "shop",
        _shop,
        "buy as a synthetic shopper: here, or with --url and --api-key-file elsewhere; `python -m "
        "stack.shoppers.shop` too",
    )
    shop.add_options(shopper, is_required=False)
    service = _add(
        commands,
        "service",
        _service,
        "lay out a new service: contract, package, migration, tests, and its place in every list",
    )
    service.add_argument("--name", required=True, metavar="NAME", help="one word, e.g. loyalty")
    service.add_argument(
        "--resource",
        required=True,
        metavar="NAME",
        help="its first resource in the singular, e.g. account",
    )
    service.add_argument(
        "--root", type=Path, default=checkout(), metavar="FOLDER", help="checkout (default this)"
    )
    migration = _add(
        commands,
        "migration",
        _migration,
        "draft a migration from the difference between a service's tables and its migrations",
    )
    migration.add_argument("--service", required=True, metavar="NAME", help="e.g. cart")
    migration.add_argument(
        "--name", required=True, metavar="NAME", help="what it does, e.g. add_gift_note"
    )
    down = _add(commands, "down", _down, "stop everything")
    down.add_argument(
        "--purge", action="store_true", help="delete the data, the logs and the secrets too"
    )
    _add(commands, "status", _status, "show what runs")
    _add(
        commands,
        "prometheus-config",
        _prometheus_config,
        "print a configuration for a Prometheus that scrapes this platform",
    )
    logs = _add(
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
    return parser


def _add(
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


if __name__ == "__main__":
    sys.exit(main())
