"""Use cases of guests who became customers."""

from uuid import UUID

from chassis.data.tx import Tx
from checkout.guests.model import ConvertedGuest


async def record_conversion(tx: Tx, guest_id: UUID, customer_id: UUID) -> None:
    """Records that a guest became a customer. Idempotent: the first customer stays."""
    await tx.insert_new(
        ConvertedGuest(guest_id=guest_id, customer_id=customer_id, converted_at=tx.now)
    )
