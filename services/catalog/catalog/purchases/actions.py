"""Records of orders. Each is idempotent and takes events in any order of arrival."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from catalog.purchases.model import BuyerGuest, PurchasedOrder
from chassis.data.tx import Tx


async def record_order(
    tx: Tx, order_id: UUID, buyer_id: UUID | None, product_ids: Sequence[UUID], placed_at: datetime
) -> bool:
    """Records an order; one that is known, or was cancelled before, stays as it is.

    Returns whether it is new.
    """
    return await tx.insert_new(
        PurchasedOrder(
            order_id=order_id,
            buyer_id=buyer_id,
            product_ids=sorted(set(product_ids)),
            placed_at=placed_at,
        )
    )


async def cancel_order(
    tx: Tx, order_id: UUID, buyer_id: UUID | None, product_ids: Sequence[UUID], placed_at: datetime
) -> bool:
    """Records that an order was cancelled. Returns whether it had counted until now."""
    cancelled = PurchasedOrder(
        order_id=order_id,
        buyer_id=buyer_id,
        product_ids=sorted(set(product_ids)),
        is_cancelled=True,
        placed_at=placed_at,
    )
    if await tx.insert_new(cancelled):
        return False
    known = await tx.lock(PurchasedOrder, order_id)
    if known is None or known.is_cancelled:
        return False
    known.is_cancelled = True
    await tx.update(known)
    return True


async def record_guest(tx: Tx, guest_id: UUID, customer_id: UUID) -> None:
    """Records that a guest became a customer; the first customer stays."""
    await tx.insert_new(BuyerGuest(guest_id=guest_id, customer_id=customer_id))


async def erase_buyer(tx: Tx, customer_id: UUID) -> None:
    """Takes a customer off the orders that they placed, as such or as a guest."""
    await tx.run(
        "UPDATE purchased_order SET buyer_id = NULL WHERE buyer_id = %(customer_id)s"
        " OR buyer_id IN (SELECT guest_id FROM buyer_guest WHERE customer_id = %(customer_id)s)",
        {"customer_id": customer_id},
    )
    await tx.run("DELETE FROM buyer_guest WHERE customer_id = %s", [customer_id])
