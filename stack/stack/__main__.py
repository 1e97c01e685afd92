"""The stack's commands. `python -m stack --help` lists them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from stack.commands import building, measuring, running
from stack.commands.options import Exit, home_of
from stack.errors import ComponentFailed, DiskFull, StackBusy, StackError
from stack.home import is_full


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
        _explain(DiskFull(home_of(chosen), 0), errors)
        return Exit.FAILED
    except KeyboardInterrupt:
        errors.print(
            "interrupted; what was started still runs. `up` goes on from here, `down` stops it."
        )
        return Exit.INTERRUPTED


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
    for kind in (running, measuring, building):
        kind.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
