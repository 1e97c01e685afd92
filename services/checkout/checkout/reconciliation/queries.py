"""Lease and position of the reconciliation."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Interval, bindparam, delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.runtime.clock import real_now
from checkout.payments.model import ReceivedWebhook
from checkout.reconciliation.model import Reconciliation

# A provider repeats a webhook for at most this long.
_WEBHOOKS_KEPT: Final = timedelta(days=9)
_lease = insert(Reconciliation).values(
    provider=bindparam("provider"),
    cursor="",
    leased_until=func.clock_timestamp() + bindparam("leased_for", type_=Interval()),
)
_LEASE: Final = prepare(
    _lease.on_conflict_do_update(
        index_elements=["provider"],
        set_={"leased_until": _lease.excluded.leased_until},
        where=Reconciliation.leased_until <= func.clock_timestamp(),
    )
)


async def take_lease(tx: Tx, provider: str, seconds: float) -> bool:
    """Takes the lease of a provider for some seconds of real time.

    Returns False if another replica holds it.
    """
    return await tx.execute(_LEASE, provider=provider, leased_for=timedelta(seconds=seconds)) == 1


async def find_cursor(read: Read, provider: str) -> str:
    """Returns the position in the ledger of a provider; empty for the beginning."""
    row = await read.get(Reconciliation, provider)
    return row.cursor if row else ""


async def store_cursor(tx: Tx, provider: str, cursor: str) -> None:
    """Stores the position in the ledger of a provider, and deletes old webhooks."""
    row = Reconciliation(provider=provider, cursor=cursor, leased_until=real_now())
    await tx.upsert_many(Reconciliation, [row], update=["cursor"])
    await tx.execute(
        delete(ReceivedWebhook).where(
            col(ReceivedWebhook.received_at) < real_now() - _WEBHOOKS_KEPT
        )
    )
