"""Imports of any kind of file, and exports, by command: as the jobs of the service do them."""

import argparse
import sys
from pathlib import Path
from typing import BinaryIO

from catalog.directory import Directory
from catalog.exports.parts import ExportOptions, export_part
from catalog.jobs.actions import LEASE, MOST_BYTES, require_options
from catalog.jobs.model import (
    ORDER,
    CatalogImport,
    DataKind,
    FileFormat,
    ImportOptions,
    ImportState,
)
from catalog.jobs.run_import import run_import
from catalog.settings import Settings
from chassis.data.database import Database
from chassis.rpc.errors import DomainError
from chassis.runtime.clock import Clock, real_now, uuid7


def export_parser() -> argparse.ArgumentParser:
    """Returns the options of `export`."""
    parser = argparse.ArgumentParser(
        prog="python -m catalog export",
        description="Exports all records of a kind in a form that `import` reads.",
    )
    parser.add_argument(
        "--kind", choices=[each.value for each in DataKind], help="all kinds, if not given"
    )
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    parser.add_argument("--currency", default="", help="of the prices of a product CSV")
    parser.add_argument("--locale", default="", help="of the texts of a product CSV")
    parser.add_argument(
        "--output",
        type=Path,
        help="file to write, standard output if not given; of all kinds, a folder for their files, "
        "which are numbered in the order in which an empty catalogue takes them",
    )
    return parser


async def export_files(settings: Settings, given: argparse.Namespace) -> int:
    """Writes an export, or those of all kinds, and on standard error how many bytes each has."""
    format = FileFormat(given.format)
    if given.kind is None and (given.output is None or format is FileFormat.CSV):
        sys.stderr.write("all kinds are JSON Lines in a folder: say --output\n")
        return 2
    database = _database(settings)
    await database.open()
    try:
        if given.kind is not None:
            options = ExportOptions(DataKind(given.kind), format, given.currency, given.locale)
            await _write_file(database, options, given.output)
            return 0
        given.output.mkdir(parents=True, exist_ok=True)
        for number, kind in enumerate(ORDER, 1):
            path = given.output / f"{number:02}-{kind.value}.jsonl"
            await _write_file(database, ExportOptions(kind, format), path)
    except (DomainError, OSError) as error:
        sys.stderr.write(f"export stopped: {error}\n")
        return 1
    finally:
        await database.close()
    return 0


async def _write_file(database: Database, options: ExportOptions, path: Path | None) -> None:
    if path is None:
        size = await _write(database, options, sys.stdout.buffer)
    else:
        with path.open("wb") as file:
            size = await _write(database, options, file)
    sys.stderr.write(f"{options.kind}: {size} bytes\n")


async def _write(database: Database, options: ExportOptions, file: BinaryIO) -> int:
    directory, after, size = Directory(), None, 0
    while True:
        async with database.read() as read:
            context = await directory.refresh(read)
            part = await export_part(read, context, options, after)
        size += file.write(part.content)
        if part.after is None:
            return size
        after = part.after


async def import_as_jobs(settings: Settings, given: argparse.Namespace) -> int:
    """Imports files one after the other, and tells what became of their records.

    Returns 1 where a record was refused, and 2 where a file cannot be read.
    """
    options = ImportOptions(
        kind=DataKind(given.kind),
        format=FileFormat.JSONL if given.format == "jsonl" else FileFormat.CSV,
        source=given.source,
        currency=given.currency,
        locale=given.locale,
        decimal_mark=given.decimal_mark,
        is_dry_run=given.dry_run,
        skips_refused=given.skip_refused,
    )
    database = _database(settings)
    await database.open()
    refused = 0
    try:
        require_options(options)
        for path in given.files:
            content = path.read_bytes()
            if len(content) > MOST_BYTES:
                sys.stderr.write(f"{path}: split the file: an import has at most 64 MiB\n")
                return 2
            job = await run_import(database, Directory(), await _begin(database, options), content)
            _tell(path, job)
            refused += job.refused + (job.state is ImportState.FAILED)
    except (DomainError, OSError) as error:
        sys.stderr.write(f"import stopped: {error}\n")
        return 2
    finally:
        await database.close()
    return 1 if refused else 0


async def _begin(database: Database, options: ImportOptions) -> CatalogImport:
    async with database.tx() as tx:
        job = CatalogImport(
            id=uuid7(),
            state=ImportState.RUNNING,
            options=options,
            created_at=tx.now,
            leased_until=real_now() + LEASE,
        )
        await tx.insert(job)
    return job


def _tell(path: Path, job: CatalogImport) -> None:
    for each in job.problems:
        sys.stderr.write(f"line {each.line}, {each.column}: {each.allowed}: {each.value!r}\n")
    if job.problem:
        sys.stderr.write(f"{path}: {job.problem}\n")
    sys.stdout.write(
        f"{path}: {job.created} created, {job.updated} updated, {job.unchanged} unchanged, "
        f"{job.refused} refused{' (dry run)' if job.options.is_dry_run else ''}\n"
    )


def _database(settings: Settings) -> Database:
    return Database(
        settings.database_url.get_secret_value(), source="catalog", clock=Clock(), pool_size=2
    )
