"""Writes of holds by what happens to their orders."""

from uuid import UUID

from chassis.data.audit import OPERATOR, actor_id_of
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller


async def end_hold(tx: Tx, order_id: UUID, caller: Caller | None) -> None:
    """Ends the hold of an order that is cancelled, if there is one."""
    await tx.run(
        "UPDATE order_hold SET released_at = %s, released_by = %s"
        " WHERE order_id = %s AND released_at IS NULL",
        [tx.now, actor_id_of(caller) if caller else OPERATOR, order_id],
    )
