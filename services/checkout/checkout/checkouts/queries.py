"""Reads of checkouts, and the statement that completes one."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Read, Tx
from chassis.rpc.auth import Caller
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.errors import CheckoutNotFound


async def get_checkout(read: Read, checkout_id: UUID, caller: Caller) -> Checkout:
    """Returns the caller's checkout. Raises CheckoutNotFound."""
    checkout = await read.get(Checkout, checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    checkout.require_owner(caller)
    return checkout


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
