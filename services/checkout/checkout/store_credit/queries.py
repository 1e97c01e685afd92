"""Reads of store credit, and of the customers who may have some."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from chassis.data.statements import one_of, prepare
from chassis.data.tx import Read, Tx
from checkout.checkouts.model import Checkout
from checkout.errors.gift_cards import StoreCreditNeedsAccount, StoreCreditNotFound
from checkout.gift_cards.model import GiftCard
from checkout.guests.model import ConvertedGuest
from checkout.orders.model import Order

_OF_OWNER: Final = prepare(
    select(GiftCard)
    .where(col(GiftCard.owner_id) == bindparam("owner_id"))
    .order_by(col(GiftCard.currency))
)
_LOCK: Final = prepare(
    select(GiftCard)
    .where(one_of(GiftCard.owner_id, "owner_ids"))
    .order_by(col(GiftCard.id))
    .with_for_update()
)


async def find_store_credit(read: Read, owner_id: UUID) -> list[GiftCard]:
    """Returns the store credit of a customer, by currency."""
    return await read.all(_OF_OWNER, owner_id=owner_id)


async def get_store_credit(read: Read, owner_id: UUID, currency: str) -> GiftCard:
    """Returns the store credit of a customer in a currency. Raises StoreCreditNotFound."""
    for credit in await find_store_credit(read, owner_id):
        if credit.currency == currency:
            return credit
    raise StoreCreditNotFound(currency=currency)


async def lock_store_credit(tx: Tx, owner_ids: Sequence[UUID]) -> list[GiftCard]:
    """Locks all store credit of customers, in the order in which orders lock gift cards."""
    return await tx.all(_LOCK, owner_ids=list(owner_ids))


async def get_account_of(read: Read, order: Order) -> UUID:
    """Returns the customer who bought an order, also as a guest before they had an account.

    Raises StoreCreditNeedsAccount for a guest, and for a customer who was erased.
    """
    converted = await read.get(ConvertedGuest, order.owner_id)
    if not order.email or order.forget_at is not None:
        raise StoreCreditNeedsAccount(order_id=order.id)
    if converted is not None:
        return converted.customer_id
    checkout = await read.get(Checkout, order.checkout_id)
    if checkout is None or checkout.owner_kind != "customer":
        raise StoreCreditNeedsAccount(order_id=order.id)
    return order.owner_id
