"""The command line of a service's process."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import uvloop
from pydantic import ValidationError

from chassis import telemetry
from chassis.events.broker import Broker
from chassis.runtime.service import Service, settle_garbage
from chassis.runtime.settings import Settings

ROLES: Final = ("serve", "work", "all")
# A command may hold many rows, which are no garbage.
_MOST_NEW_OBJECTS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a service, whose arguments are read before the settings.

    So `--help` and a wrong option need no environment.
    """

    parser: Callable[[], argparse.ArgumentParser]
    run: Callable[[Any, argparse.Namespace], Awaitable[int]]


def main(
    name: str,
    settings_type: type[Settings],
    build: Callable[[Any], Service],
    **commands: Callable[[Any, list[str]], Awaitable[int]] | Command,
) -> None:
    """The command line of a service:

    `serve`, `work`, `all`, `migrate`, `dead-letters`, and `commands` of its own.

    `commands` map a name to a Command, or to `async def(settings, arguments) -> exit code`.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {name}",
        description=f"Sojourn's {name} service. Settings are read from the environment.",
    )
    parser.add_argument(
        "command", choices=[*ROLES, "migrate", "dead-letters", *commands], help="what to do"
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="of the command")
    options = parser.parse_args()
    if isinstance(own := commands.get(options.command), Command):
        options.arguments = own.parser().parse_args(options.arguments)
    try:
        settings = settings_type()
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc'])).upper() or 'settings'}: {e['msg']}"
            for e in error.errors(include_input=False)
        )
        sys.exit(f"{name}: the environment is not complete: {problems}")
    telemetry.configure(name, settings, _version(name))
    sys.exit(uvloop.run(_dispatch(name, settings, build, options, commands)))


def _version(name: str) -> str:
    try:
        return version(f"sojourn-{name}")
    except PackageNotFoundError:
        return "0"


async def _dispatch(
    name: str, settings: Settings, build: Any, options: argparse.Namespace, commands: dict[str, Any]
) -> int:
    if options.command in commands:
        own = commands[options.command]
        run = own.run if isinstance(own, Command) else own
        settle_garbage(_MOST_NEW_OBJECTS)
        return int(await run(settings, options.arguments))
    match options.command:
        case "migrate":
            # No serving process needs Alembic.
            from chassis.data.migrations import migrate

            service = build(settings)
            await migrate(name, settings, service.durables)
            for peer in service.peers:
                await peer.close()
        case "dead-letters":
            return await _dead_letters(name, settings, options.arguments)
        case role:
            await build(settings).run(role)
    return 0


async def _dead_letters(name: str, settings: Settings, arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog=f"python -m {name} dead-letters")
    parser.add_argument("action", choices=["list", "redrive"])
    parser.add_argument("sequences", nargs="*", type=int, help="letters to redrive; none means all")
    options = parser.parse_args(arguments)
    # A process without a database does without what this imports.
    from chassis.events.dead_letters import list_letters, redrive

    broker = Broker(settings.nats_url.get_secret_value(), f"{name}-dead-letters")
    await broker.open()
    async with asyncio.timeout(10):
        await broker.ready()
    if options.action == "list":
        for letter in await list_letters(broker, name, limit=200):
            print(  # noqa: T201
                letter.sequence,
                letter.event_type,
                letter.event_id,
                letter.error,
                f"attempts={letter.attempts}",
            )
    else:
        print("redriven:", *await redrive(broker, name, options.sequences))  # noqa: T201
    await broker.close()
    return 0
