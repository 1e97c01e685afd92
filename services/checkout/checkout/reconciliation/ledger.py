"""Command `ledger`: what each placed order took and gave back, as CSV.

`python -m journey reconcile` compares it with what the journeys say.
"""

import argparse
import csv
import sys
from collections.abc import AsyncIterator
from typing import Final, NamedTuple, TextIO
from uuid import UUID

from sqlalchemy import bindparam, func
from sqlmodel import col, select

from chassis.data.database import Database
from chassis.data.statements import prepare
from chassis.runtime.cli import Command
from chassis.runtime.clock import Clock
from checkout.orders.model import Order
from checkout.payments.model import Payment
from checkout.settings import CheckoutSettings

_PAGE: Final = 5_000


class LedgerLine(NamedTuple):
    """The money of an order, in minor units of `currency`."""

    order_id: UUID
    currency: str
    captured_minor: int
    refunded_minor: int


# Cancelled orders stay: what was captured of them was given back.
_LINES: Final = prepare(
    select(
        Order.id,
        Order.currency,
        func.coalesce(func.sum(Payment.captured_minor), 0),
        func.coalesce(func.sum(Payment.refunded_minor), 0),
    )
    .join(Payment, col(Payment.order_id) == col(Order.id), isouter=True)
    .where(
        col(Order.placed_at).is_not(None),
        col(Order.is_synthetic).is_(False),
        col(Order.id) > bindparam("after"),
    )
    .group_by(col(Order.id), col(Order.currency))
    .order_by(col(Order.id))
    .limit(_PAGE)
)


async def read_ledger(database: Database) -> AsyncIterator[LedgerLine]:
    """Yields the lines of all orders that were placed, synthetic ones left out."""
    after = UUID(int=0)
    while True:
        async with database.read() as read:
            page = [LedgerLine(*row) for row in await read.all(_LINES, after=after)]
        for line in page:
            yield line
        if len(page) < _PAGE:
            return
        after = page[-1].order_id


def ledger_parser() -> argparse.ArgumentParser:
    """Returns the options of `ledger`."""
    return argparse.ArgumentParser(
        prog="python -m checkout ledger",
        description="Writes what each placed order took and gave back as CSV to standard output: "
        f"{', '.join(LedgerLine._fields)}, in minor units. `python -m journey reconcile -` "
        "compares it with the journeys.",
    )


async def write_ledger(database: Database, file: TextIO) -> None:
    """Writes the ledger with a header."""
    writer = csv.writer(file)
    writer.writerow(LedgerLine._fields)
    async for line in read_ledger(database):
        writer.writerow(line)


async def _run(settings: CheckoutSettings, _: argparse.Namespace) -> int:
    database = Database(
        settings.database_url.get_secret_value(), source="checkout", clock=Clock(), pool_size=1
    )
    await database.open()
    try:
        await write_ledger(database, sys.stdout)
    finally:
        await database.close()
    return 0


LEDGER: Final = Command(ledger_parser, _run)
