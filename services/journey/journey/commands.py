"""Commands of the journey beside those that every service has."""

import argparse
import sys
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock, uuid7
from journey.errors import ImportNotFound
from journey.imports.actions import ImportUndone, run_import, undo_import
from journey.imports.columns import FIELDS, parse_properties
from journey.imports.inputs import UnreadableFile, open_file
from journey.imports.jobs import fail_import
from journey.imports.model import (
    DateOrder,
    Format,
    ImportJob,
    ImportOptions,
    ImportState,
    PresetName,
    TimeUnit,
)
from journey.imports.queries import list_imports, lock_import
from journey.imports.wire import split_columns
from journey.settings import Settings

_MOST_TOLD: Final = 20
_MOST_LISTED: Final = 50


def import_parser() -> argparse.ArgumentParser:
    """Returns the options of `import`."""
    parser = argparse.ArgumentParser(
        prog="python -m journey import",
        description="Imports touchpoints from a file: CSV, JSON Lines or Parquet, also gzipped. "
        "Only history that its visitors consented to may be imported; who took their consent back "
        "here is passed over. Repeating an import, or one with more rows or columns, stores only "
        "events that are new. Names of columns may be dotted to reach into nested documents; of "
        "several (A,B) the first that has a value counts.",
    )
    columns = parser.add_argument_group("columns")
    for field, text in FIELDS.items():
        columns.add_argument(f"--{field.replace('_', '-')}", default="", metavar="COL", help=text)
    columns.add_argument(
        "--properties", default="", metavar="A,NAME=B", help="columns to keep as properties"
    )
    parser.add_argument(
        "--preset", default="", choices=[one.value for one in PresetName], help="columns of a tool"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="the same for all lines"
    )
    parser.add_argument(
        "--rename-kind", action="append", default=[], metavar="OLD=NEW", help="renames a kind"
    )
    _add_form(parser)
    parser.add_argument(
        "--source",
        default="import",
        help="name of where the history comes from: an event of another source is another event",
    )
    parser.add_argument("--dry-run", action="store_true", help="tells what it would do, only")
    parser.add_argument("file", help="path, or - for standard input")
    return parser


def _add_form(parser: argparse.ArgumentParser) -> None:
    form = parser.add_argument_group("form of the file")
    form.add_argument("--format", default="auto", choices=[one.value for one in Format])
    form.add_argument("--encoding", default="utf-8", help="such as cp1252 or utf-16")
    form.add_argument("--delimiter", default="", help="of CSV; told by the header where missing")
    form.add_argument("--timezone", default="", help="of times that name none; UTC")
    form.add_argument(
        "--time-unit",
        default="auto",
        choices=[one.value for one in TimeUnit],
        help="of times that are numbers; told by their size where missing",
    )
    form.add_argument("--date-order", default="", choices=["", "dmy", "mdy"])
    form.add_argument("--decimal-mark", default=".", choices=[".", ","])


def undo_parser() -> argparse.ArgumentParser:
    """Returns the options of `undo-import`."""
    parser = argparse.ArgumentParser(
        prog="python -m journey undo-import", description="Deletes what an import stored."
    )
    parser.add_argument("id", type=UUID, help="of the import, as it said")
    return parser


def list_parser() -> argparse.ArgumentParser:
    """Returns the options of `list-imports`."""
    return argparse.ArgumentParser(
        prog="python -m journey list-imports", description="Lists the newest imports."
    )


def options_of(given: argparse.Namespace) -> ImportOptions:
    """Returns the options of an import. Raises UnreadableFile."""
    return ImportOptions(
        columns={
            field: split_columns(getattr(given, field)) for field in FIELDS if getattr(given, field)
        },
        properties=parse_properties(given.properties),
        constants=_pairs(given.set, "--set"),
        kinds=_pairs(given.rename_kind, "--rename-kind"),
        preset=PresetName(given.preset),
        format=Format(given.format),
        encoding=given.encoding,
        delimiter=given.delimiter.replace("\\t", "\t"),
        timezone=given.timezone,
        time_unit=TimeUnit(given.time_unit),
        date_order=DateOrder(given.date_order),
        decimal_mark=given.decimal_mark,
        source=given.source,
        is_dry_run=given.dry_run,
    )


def _pairs(given: list[str], option: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in given:
        name, mark, value = one.partition("=")
        if not mark or not name.strip():
            raise UnreadableFile(f"{option} {one}: write it as name=value")
        found[name.strip()] = value.strip()
    return found


async def import_history(settings: Settings, given: argparse.Namespace) -> int:
    """Imports a file and prints what became of its lines.

    Returns 1 where some made no sense, and 2 where the file cannot be read.
    """
    database = _database(settings)
    await database.open()
    try:
        with open_file(given.file) as file:
            job = await _begin(database, options_of(given))
            try:
                job = await run_import(database, settings, job, file)
            except UnreadableFile as error:
                await fail_import(database, job.id, str(error))
                raise
    except UnreadableFile as error:
        print(f"journey: {error}", file=sys.stderr)
        return 2
    except ImportUndone:
        print("journey: the import was undone while it ran", file=sys.stderr)
        return 2
    finally:
        await database.close()
    return _tell(job)


def _tell(job: ImportJob) -> int:
    for note in filter(None, job.notes):
        print(note, file=sys.stderr)
    for refusal in job.refusals[:_MOST_TOLD]:
        print(refusal.text, file=sys.stderr)
    if job.lines_refused > _MOST_TOLD:
        print(f"and {job.lines_refused - _MOST_TOLD} refused lines more", file=sys.stderr)
    print(job.counts.text + (" (dry run)" if job.options.is_dry_run else ""))
    print(f"import {job.id}")
    return 1 if job.lines_refused else 0


async def _begin(database: Database, options: ImportOptions) -> ImportJob:
    async with database.tx() as tx:
        job = ImportJob(id=uuid7(), state=ImportState.RUNNING, options=options, created_at=tx.now)
        await tx.insert(job)
    return job


async def undo(settings: Settings, given: argparse.Namespace) -> int:
    """Undoes an import and prints how many touchpoints it deleted."""
    database = _database(settings)
    await database.open()
    try:
        async with database.tx() as tx:
            deleted = await undo_import(tx, await lock_import(tx, given.id))
    except ImportNotFound:
        print(f"journey: there is no import {given.id}", file=sys.stderr)
        return 2
    finally:
        await database.close()
    print(f"{deleted} touchpoints deleted")
    return 0


async def list_all(settings: Settings, given: argparse.Namespace) -> int:
    """Prints the newest imports."""
    del given
    database = _database(settings)
    await database.open()
    try:
        async with database.read() as read:
            jobs = await list_imports(read, _MOST_LISTED)
    finally:
        await database.close()
    for job in jobs:
        print(job.id, f"{job.created_at:%Y-%m-%d %H:%M}", job.state, job.counts.text)
    return 0


def _database(settings: Settings) -> Database:
    return Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=2
    )


COMMANDS: Final = {
    "import": Command(import_parser, import_history),
    "undo-import": Command(undo_parser, undo),
    "list-imports": Command(list_parser, list_all),
}
