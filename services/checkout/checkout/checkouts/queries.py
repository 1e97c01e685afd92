"""Reads of checkouts and their buyers, and the statement that completes one."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller
from checkout.checkouts.model import Checkout, CheckoutStatus, UsualChoices
from checkout.errors.checkouts import CheckoutNotFound
from checkout.orders.model import Order
from checkout.orders.queries import list_orders
from checkout.payments.queries import find_payments


async def get_checkout(read: Read, checkout_id: UUID, caller: Caller) -> Checkout:
    """Returns the caller's checkout. Raises CheckoutNotFound."""
    checkout = await read.get(Checkout, checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    checkout.require_owner(caller)
    return checkout


async def find_usual_choices(
    read: Read, buyer_ids: Collection[UUID], channel_id: str
) -> UsualChoices:
    """Returns the choices of the last order of a buyer that was placed in a channel."""
    was_placed = (col(Order.channel_id) == channel_id, col(Order.placed_at).is_not(None))
    orders = await list_orders(
        read, owner_ids=buyer_ids, status=None, before=None, limit=1, conditions=was_placed
    )
    if not orders:
        return UsualChoices()
    [order] = orders
    payments = await find_payments(read, [order.id])
    method = next((each.method_id for each in payments if each.gift_card_id is None), "")
    return UsualChoices(order.delivery_option.id, method)


async def lock_checkout(tx: Tx, checkout_id: UUID) -> Checkout:
    """Returns a checkout, locked until the transaction ends. Raises CheckoutNotFound."""
    checkout = await tx.lock(Checkout, checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    return checkout


_COMPLETE: Final = prepare(
    update(Checkout)
    .where(
        col(Checkout.id) == bindparam("checkout_id"),
        col(Checkout.order_id) == bindparam("of_order_id"),
    )
    .values(
        version=Checkout.version + 1,
        status=CheckoutStatus.COMPLETED,
        payment_token="",
        continue_url="",
    )
)


def mark_checkout_completed(tx: Tx, checkout_id: UUID, order_id: UUID) -> None:
    """Completes the checkout of a placed order; written with the commit.

    The caller checks the order's version in the same transaction: until then the checkout cannot
    change.
    """
    tx.deferred.execute(_COMPLETE, checkout_id=checkout_id, of_order_id=order_id)
