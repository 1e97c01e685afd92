"""The payment methods that a process has, followed within seconds."""

import time
from typing import Final

from chassis.data.database import Database
from checkout.payment_methods.offers import PaymentMethodTable
from checkout.payment_methods.queries import find_methods, find_revision

# A change counts in every process after so long.
MAX_AGE_SECONDS: Final = 2.0


class PaymentMethodDirectory:
    """The cached table. Nothing in it is authoritative: it can be dropped at any moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._table = PaymentMethodTable()
        self._looked_at: float | None = None

    async def current(self) -> PaymentMethodTable:
        """Returns the table, after a look at its revision if the last one is long ago.

        Ask without a connection out.
        """
        now = time.monotonic()
        if self._looked_at is None or now - self._looked_at > MAX_AGE_SECONDS:
            async with self._database.read() as read:
                revision = await find_revision(read)
                if revision is not None and revision != self._table.revision:
                    self._table = PaymentMethodTable(await find_methods(read), revision=revision)
            self._looked_at = now
        return self._table
