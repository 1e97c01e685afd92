"""The command `export`: writes touchpoints to a file."""

import argparse
import json
import shutil
import sys
from typing import Final

import psycopg
from google.protobuf.json_format import ParseError

from chassis.data.audit import record_audit
from chassis.data.database import Database
from chassis.rpc.borders import require_valid_request
from chassis.rpc.documents import fill
from chassis.rpc.errors import DomainError
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock, uuid7
from journey.exports.jobs import ExportTooLarge, Spool, write_spool
from journey.exports.model import (
    USUAL_COLUMNS,
    ExportFormat,
    ExportOptions,
    require_columns,
)
from journey.history.worker import store_of, table_of
from journey.questions.answers import Answers
from journey.settings import Settings
from sojourn.journey.v1 import questions_pb2

_EXAMPLE: Final = '{"channels": ["app"], "time_range": {"since": "2026-03-01T00:00:00Z"}}'


def export_parser() -> argparse.ArgumentParser:
    """Returns the options of `export`."""
    parser = argparse.ArgumentParser(
        prog="python -m journey export",
        description="Writes the touchpoints that a filter lets through to a file, with an audit "
        "row. The filter is that of every question.",
    )
    parser.add_argument(
        "--filter", default="{}", help=f"JSON, such as '{_EXAMPLE}'; all touchpoints without it"
    )
    parser.add_argument(
        "--columns",
        default=",".join(USUAL_COLUMNS),
        help="in order, parted by commas; also property:<name>",
    )
    parser.add_argument(
        "--format", default="csv", choices=[one.value for one in ExportFormat], help="of the file"
    )
    parser.add_argument("file", help="path, or - for standard output")
    return parser


async def export(settings: Settings, given: argparse.Namespace) -> int:
    """Writes the file. Returns 2 where the filter or a column makes no sense."""
    try:
        options = _options(given)
    except (ValueError, TypeError, ParseError, DomainError) as error:
        return _refused(error)
    database = Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=2
    )
    table = table_of(database, settings)
    await database.open()
    try:
        store = store_of(database, table)
        async with write_spool(Answers(database, store), store, options) as spool:
            await _record(database, options, spool)
            _copy(spool, given.file)
    except ExportTooLarge:
        return _refused(ValueError("a file has at most 1 GiB: export a shorter period"))
    except (DomainError, OSError, psycopg.errors.QueryCanceled) as error:
        return _refused(error)
    finally:
        if table is not None:
            table.close()
        await database.close()
    sys.stderr.write(f"{spool.touchpoints} touchpoints, {spool.size} bytes\n")
    return 0


def _options(given: argparse.Namespace) -> ExportOptions:
    message, document = questions_pb2.TouchpointFilter(), json.loads(given.filter)
    fill(message, document)
    require_valid_request(message)
    columns = tuple(name.strip() for name in given.columns.split(",") if name.strip())
    require_columns(columns)
    return ExportOptions(filter=document, columns=columns, format=ExportFormat(given.format))


def _copy(spool: Spool, path: str) -> None:
    spool.file.seek(0)
    if path == "-":
        shutil.copyfileobj(spool.file, sys.stdout.buffer)
        return
    with open(path, "wb") as file:
        shutil.copyfileobj(spool.file, file)


async def _record(database: Database, options: ExportOptions, spool: Spool) -> None:
    after = {**options.facts, "touchpoints": spool.touchpoints}
    async with database.tx() as tx:
        record_audit(tx, None, "export_by_command", f"export:{uuid7()}", after=after)


def _refused(error: Exception) -> int:
    said = error.message if isinstance(error, DomainError) else str(error)
    facts = error.metadata if isinstance(error, DomainError) else {}
    told = ", ".join(f"{name}: {value}" for name, value in facts.items())
    sys.stderr.write(f"journey: {said}{f' ({told})' if told else ''}\n")
    return 2


EXPORT: Final = Command(export_parser, export)
