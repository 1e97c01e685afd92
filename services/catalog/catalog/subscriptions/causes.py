"""Notes in the transaction of a change that products with alerts changed.

A timer looks at them after the commit, so that no change of stock or prices waits for alerts.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx

TELL: Final = "alerts"
_WATCHED: Final = (
    "SELECT DISTINCT product_id FROM alert WHERE product_id = ANY (%s) AND is_active"
    " ORDER BY product_id"
)


async def note_causes(tx: Tx, product_ids: Sequence[UUID]) -> None:
    """Sets the timers of those products that have alerts."""
    if not product_ids:
        return
    for (product_id,) in await tx.fetch(_WATCHED, [list(product_ids)]):
        await timers.schedule(tx, TELL, str(product_id), tx.now)
