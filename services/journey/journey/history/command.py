"""`python -m journey compact`: one round of history, now."""

import argparse
import sys
from datetime import timedelta
from typing import Final

from chassis.data.database import Database
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock
from journey.history.worker import Round, run_round, start_of_day, table_of
from journey.settings import Settings


def compact_parser() -> argparse.ArgumentParser:
    """Returns the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m journey compact",
        description="Moves old touchpoints into files, erases what is to be erased and merges "
        "small files, as the service does each hour. HISTORY_LOCATION says where the files are.",
    )
    parser.add_argument(
        "--days", type=int, metavar="N", help="age at which touchpoints move; HISTORY_AFTER_DAYS"
    )
    return parser


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    """Runs one round and prints what it did.

    Returns 1 where another process runs one, and 2 without a location.
    """
    database = Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=3
    )
    table = table_of(database, settings)
    if table is None:
        sys.stderr.write("journey: set HISTORY_LOCATION to keep old touchpoints in files\n")
        return 2
    days = settings.history_after_days if options.days is None else options.days
    await database.open()
    try:
        before = start_of_day(database.clock.now() - timedelta(days=days))
        done = await run_round(database, table, before=before)
    finally:
        table.close()
        await database.close()
    if done is None:
        sys.stdout.write("another process keeps the history now\n")
        return 1
    counts = (f"{getattr(done, name)} {name.replace('_', ' ')}" for name in Round.__slots__)
    sys.stdout.write(", ".join(counts) + "\n")
    return 0


COMPACT: Final = Command(compact_parser, _run)
