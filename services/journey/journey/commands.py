"""Commands of the journey beside those that every service has."""

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TextIO

from chassis.data.database import Database
from chassis.runtime.clock import Clock
from journey.consents.model import Answer
from journey.settings import Settings
from journey.touchpoints.import_touchpoints import BadRow, Columns, read_records, read_touchpoints
from journey.touchpoints.model import Touchpoint
from journey.touchpoints.record import Seen, record_touchpoints

CHUNK: Final = 10_000
_MOST_TOLD: Final = 10


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m journey import",
        description="Imports touchpoints from a file. Only history that its visitors consented to "
        "may be imported; who took their consent back"
        " here is passed over. Repeating an import, or one with more rows, stores only what is "
        "new.",
    )
    parser.add_argument(
        "--visitor", required=True, metavar="COL", help="column with the visitor's id"
    )
    parser.add_argument(
        "--time",
        required=True,
        metavar="COL",
        help="ISO 8601, or seconds or milliseconds since 1970",
    )
    parser.add_argument(
        "--kind",
        required=True,
        metavar="COL",
        help="column with what was done; becomes lower case with _",
    )
    parser.add_argument(
        "--customer", default="", metavar="COL", help="column with a customer's UUID"
    )
    parser.add_argument(
        "--subject", default="", metavar="COL", help="column with what it was about"
    )
    parser.add_argument(
        "--properties", default="", metavar="A,B", help="columns to keep as properties"
    )
    parser.add_argument("--format", required=True, choices=["csv", "jsonl"])
    parser.add_argument(
        "--source",
        default="import",
        help="name of where the history comes from: the same row of another source is another",
    )
    parser.add_argument(
        "--channel", default="", help="channel code; the default channel where it is missing"
    )
    parser.add_argument("file", help="path, or - for standard input")
    return parser.parse_args(arguments)


def _opened(path: str) -> TextIO:
    return sys.stdin if path == "-" else Path(path).open(encoding="utf-8-sig", newline="")


async def import_history(settings: Settings, arguments: list[str]) -> int:
    """Imports a file and prints what became of its rows.

    Returns 1 where some made no sense; those are told by number and passed over.
    """
    options = _options(arguments)
    columns = Columns(
        visitor=options.visitor,
        time=options.time,
        kind=options.kind,
        customer=options.customer,
        subject=options.subject,
        properties=tuple(filter(None, options.properties.split(","))),
    )
    database = Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=2
    )
    await database.open()
    try:
        with _opened(options.file) as file:
            found = read_touchpoints(
                read_records(file, options.format),
                columns,
                source=options.source,
                channel=options.channel or settings.default_channel,
                now=database.clock.now(),
            )
            counts = await load(database, settings, found)
    except OSError as error:
        print(f"journey: cannot read {options.file}: {error.strerror}", file=sys.stderr)
        return 2
    finally:
        await database.close()
    print(
        ", ".join(
            f"{counts[name]} {name}" for name in ("read", "stored", "repeated", "refused", "bad")
        )
    )
    return 1 if counts["bad"] else 0


async def load(
    database: Database, settings: Settings, found: Iterator[Touchpoint | BadRow]
) -> Counter[str]:
    """Stores rows, a chunk in a transaction, and counts them."""
    counts: Counter[str] = Counter()
    while chunk := list(itertools.islice(found, CHUNK)):
        rows = [row for row in chunk if isinstance(row, Touchpoint)]
        for bad in (row for row in chunk if isinstance(row, BadRow)):
            counts["bad"] += 1
            if counts["bad"] <= _MOST_TOLD:
                print(f"row {bad.number}: {bad.field} makes no sense", file=sys.stderr)
        async with database.tx() as tx:
            # A chunk of a long history may take longer than a call may, above all before the server
            # knows how large its tables have become.
            await tx.run("SET LOCAL statement_timeout = 0")
            recorded = await record_touchpoints(
                tx,
                [Seen(row, Answer.GRANTED) for row in rows],
                settings.is_granted_by_default,
                keeps_answers=False,
            )
        counts.update(
            read=len(chunk),
            stored=len(recorded.stored),
            repeated=recorded.repeated,
            refused=len(recorded.refused),
        )
    return counts
