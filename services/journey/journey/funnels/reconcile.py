"""Command `reconcile`: the money on journeys against checkout's ledger, order by order.

Journeys know the orders of people who consented, so an order that no journey has is no difference;
one whose sums are not the ledger's to the cent is. Imported orders are not compared.
"""

import argparse
import contextlib
import csv
import itertools
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock
from journey.settings import Settings

_CHUNK: Final = 5_000
_MOST_TOLD: Final = 20
_HEADER: Final = ("order_id", "currency", "captured_minor", "refunded_minor")


class OrderMoney(NamedTuple):
    """Money that an order took and gave back, in minor units of `currency`."""

    order_id: str
    currency: str
    captured_minor: int
    refunded_minor: int


@dataclass(slots=True)
class Reconciliation:
    """Result of a comparison. `differences` are pairs of the ledger's line and the journeys'.

    `sums` are net amounts of the compared orders by currency: the ledger's, and the journeys'.
    """

    orders: int = 0
    on_journeys: int = 0
    not_in_ledger: int = 0
    differences: list[tuple[OrderMoney, OrderMoney]] = field(default_factory=list)
    sums: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.not_in_ledger

    def compare(self, line: OrderMoney, found: OrderMoney) -> None:
        """Adds an order that both have."""
        self.on_journeys += 1
        if line != found:
            self.differences.append((line, found))
        for one, place in ((line, 0), (found, 1)):
            sums = list(self.sums.get(one.currency, (0, 0)))
            sums[place] += one.captured_minor - one.refunded_minor
            self.sums[one.currency] = sums[0], sums[1]


class MalformedLedger(ValueError):
    """A line that `python -m checkout ledger` does not write."""


def read_lines(file: Iterable[str]) -> Iterator[OrderMoney]:
    """Yields the lines of a ledger. Raises MalformedLedger."""
    rows = csv.reader(file)
    if tuple(next(rows, ())) != _HEADER:
        raise MalformedLedger(f"line 1: the columns must be {','.join(_HEADER)}")
    for row in rows:
        try:
            order_id, currency, captured, refunded = row
            yield OrderMoney(order_id, currency, int(captured), int(refunded))
        except ValueError:
            raise MalformedLedger(f"line {rows.line_num}: no order's money") from None


async def reconcile(database: Database, ledger: Iterator[OrderMoney]) -> Reconciliation:
    """Compares the money of each order that journeys have."""
    result = Reconciliation()
    while chunk := list(itertools.islice(ledger, _CHUNK)):
        async with database.read() as read:
            known = await _find_money(read, [line.order_id for line in chunk])
        result.orders += len(chunk)
        for line in chunk:
            if line.order_id in known:
                result.compare(line, known[line.order_id])
    async with database.read() as read:
        ((placed,),) = await read.fetch(
            "SELECT count(DISTINCT subject) FROM touchpoint WHERE kind = 'order.placed' AND source "
            "= 'event'"
        )
    result.not_in_ledger = placed - result.on_journeys
    return result


async def _find_money(read: Read, order_ids: Sequence[str]) -> dict[str, OrderMoney]:
    rows = await read.fetch(
        "WITH asked AS (SELECT unnest(%(ids)s::text[]) AS id), placed AS (SELECT a.id, "
        "max(t.currency) AS currency, sum(t.amount_minor) AS minor FROM asked a JOIN touchpoint t "
        "ON t.subject = a.id AND t.kind = 'order.placed' AND t.source = 'event' GROUP BY a.id),"
        " refunded AS (SELECT a.id, sum(t.amount_minor) AS minor FROM asked a JOIN touchpoint t ON "
        "t.subject = a.id AND t.kind = 'order.refunded' AND t.source = 'event' GROUP BY a.id)"
        " SELECT p.id, p.currency, coalesce(p.minor, 0)::bigint, coalesce(r.minor, 0)::bigint "
        "FROM placed p LEFT JOIN refunded r ON r.id = p.id",
        {"ids": list(order_ids)},
    )
    return {row[0]: OrderMoney(*row) for row in rows}


def reconcile_parser() -> argparse.ArgumentParser:
    """Returns the options of `reconcile`."""
    parser = argparse.ArgumentParser(
        prog="python -m journey reconcile",
        description="Compares what orders took and gave back on journeys with checkout's ledger, "
        "to the cent. Ends with 1 where they differ. Events on their way differ until they "
        "arrive; orders of people who did not consent are on no journey.",
    )
    parser.add_argument("ledger", help="output of `python -m checkout ledger`, or - for input")
    return parser


@contextlib.contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path == "-":
        yield sys.stdin
        return
    with Path(path).open(encoding="utf-8", newline="") as file:
        yield file


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    database = Database(
        settings.database_url.get_secret_value(), source="journey", clock=Clock(), pool_size=1
    )
    await database.open()
    try:
        with _opened(options.ledger) as file:
            result = await reconcile(database, read_lines(file))
    except (OSError, MalformedLedger) as error:
        sys.stderr.write(f"journey: cannot read {options.ledger}: {error}\n")
        return 2
    finally:
        await database.close()
    sys.stdout.writelines(f"{line}\n" for line in describe(result))
    return 0 if result.is_equal else 1


def describe(result: Reconciliation) -> list[str]:
    """Returns the lines that the command prints."""
    lines = [
        f"{result.orders} orders in the ledger, {result.on_journeys} on journeys, "
        f"{result.not_in_ledger} on journeys only, {len(result.differences)} different"
    ]
    lines += [
        f"{currency}: net {ledger} in the ledger, {journeys} on journeys"
        for currency, (ledger, journeys) in sorted(result.sums.items())
    ]
    lines += [
        f"order {line.order_id}: {_money(line)} in the ledger, {_money(found)} on journeys"
        for line, found in result.differences[:_MOST_TOLD]
    ]
    return lines


def _money(one: OrderMoney) -> str:
    return f"{one.captured_minor} less {one.refunded_minor} {one.currency}"


RECONCILE: Final = Command(reconcile_parser, _run)
