"""Reads of saved payment methods."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from chassis.data.tx import Read, Tx
from checkout.errors.saved_payments import SavedPaymentMethodNotFound
from checkout.saved_payments.model import (
    PaymentCustomer,
    SavedMethodStatus,
    SavedPaymentMethod,
    default_of,
)


async def find_saved_methods(read: Read, customer_id: UUID) -> list[SavedPaymentMethod]:
    """Returns all methods of a customer, oldest first."""
    query = select(SavedPaymentMethod).where(SavedPaymentMethod.customer_id == customer_id)
    return await read.all(query.order_by(col(SavedPaymentMethod.id)))


async def get_saved_method(
    read: Read, method_id: UUID, customer_id: UUID
) -> tuple[SavedPaymentMethod, bool]:
    """Returns a method of a customer, and whether it is the default one.

    Raises SavedPaymentMethodNotFound.
    """
    methods = await find_saved_methods(read, customer_id)
    found = next((each for each in methods if each.id == method_id), None)
    if found is None or found.status is SavedMethodStatus.DETACHING:
        raise SavedPaymentMethodNotFound
    return found, default_of(methods) is found


async def lock_saved_method(tx: Tx, method_id: UUID, customer_id: UUID) -> SavedPaymentMethod:
    """Locks a method of a customer. Raises SavedPaymentMethodNotFound."""
    found = await tx.lock(SavedPaymentMethod, method_id)
    if (
        found is None
        or found.customer_id != customer_id
        or found.status is SavedMethodStatus.DETACHING
    ):
        raise SavedPaymentMethodNotFound
    return found


async def find_payment_customer(
    read: Read, *, provider: str, reference: str, locks: bool = False
) -> PaymentCustomer | None:
    """Returns the customer of a provider's id of them."""
    query = select(PaymentCustomer).where(
        PaymentCustomer.provider == provider, PaymentCustomer.reference == reference
    )
    return await read.one(query.with_for_update() if locks else query)


async def find_payment_customers(read: Read, customer_id: UUID) -> Sequence[PaymentCustomer]:
    """Returns a customer as each provider knows them."""
    return await read.all(select(PaymentCustomer).where(PaymentCustomer.customer_id == customer_id))
