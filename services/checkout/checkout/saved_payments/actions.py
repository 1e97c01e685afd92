"""Changes of saved payment methods: each is one commit, and asks no provider."""

from datetime import datetime
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.runtime.clock import uuid7
from checkout.errors.saved_payments import TooManySavedMethods
from checkout.payments.model import Payment
from checkout.payments.vaults.instrument import Instrument
from checkout.payments.vaults.vault import ProviderSetUp, SetUpStatus
from checkout.saved_payments.model import (
    DETACH,
    END_SET_UP,
    FORGET_CUSTOMER,
    MOST_METHODS,
    SET_UP_LIFETIME,
    SavedMethodStatus,
    SavedPaymentMethod,
)
from checkout.saved_payments.queries import (
    find_payment_customer,
    find_payment_customers,
    find_saved_methods,
    lock_saved_method,
)


async def begin_set_up(
    tx: Tx, customer_id: UUID, *, provider: str, provider_method: str
) -> SavedPaymentMethod:
    """Inserts a method whose set-up begins, and the timer that ends a forgotten one.

    Raises TooManySavedMethods.
    """
    await require_room(tx, customer_id)
    method = SavedPaymentMethod(
        id=uuid7(),
        customer_id=customer_id,
        provider=provider,
        provider_method=provider_method,
        created_at=tx.now,
    )
    await tx.insert(method)
    await timers.schedule(tx, END_SET_UP, str(method.id), tx.now + SET_UP_LIFETIME)
    return method


async def require_room(tx: Tx, customer_id: UUID) -> None:
    """Raises TooManySavedMethods."""
    shown = [each for each in await find_saved_methods(tx, customer_id) if each.is_shown]
    if len(shown) >= MOST_METHODS:
        raise TooManySavedMethods(most=MOST_METHODS)


async def record_set_up(tx: Tx, method_id: UUID, found: ProviderSetUp) -> None:
    """Records a set-up as it is now. Idempotent; one that ended is not changed any more."""
    method = await tx.lock(SavedPaymentMethod, method_id)
    if method is None or method.status is not SavedMethodStatus.PENDING:
        return
    method.set_up_id = found.id or method.set_up_id
    if found.status is SetUpStatus.DECLINED:
        method.status, method.decline_code = SavedMethodStatus.FAILED, found.decline_code
    elif found.status is SetUpStatus.DONE and found.instrument:
        method.activate(found.instrument)
        await timers.cancel(tx, END_SET_UP, str(method.id))
    await tx.update(method)


async def set_default_method(tx: Tx, method_id: UUID, customer_id: UUID) -> SavedPaymentMethod:
    """Makes a method the default one. Raises SavedPaymentMethodNotFound."""
    method = await lock_saved_method(tx, method_id, customer_id)
    method.preferred_at = tx.now
    await tx.update(method)
    return method


async def delete_saved_method(tx: Tx, method_id: UUID, customer_id: UUID) -> None:
    """Takes a method from its customer; a timer of this commit detaches it at the provider.

    Idempotent for one that is gone.
    """
    method = await tx.lock(SavedPaymentMethod, method_id)
    if method is None or method.customer_id != customer_id:
        return
    await detach_method(tx, method)


async def detach_method(tx: Tx, method: SavedPaymentMethod) -> None:
    """Marks a locked method as going, and sets the timer that takes it from the provider."""
    method.status, method.brand, method.last_four = SavedMethodStatus.DETACHING, "", ""
    method.expires_month = method.expires_year = 0
    await tx.update(method)
    await timers.cancel(tx, END_SET_UP, str(method.id))
    await timers.schedule(tx, DETACH, str(method.id), tx.now)


async def keep_paid_instrument(tx: Tx, payment: Payment, kept: Instrument) -> None:
    """Saves the instrument of a payment whose buyer agreed, with the placing of its order.

    Nothing is saved for a customer who was erased meanwhile: a timer has the provider forget them.
    A repeat, or a card that is there, changes nothing.
    """
    customer = await find_payment_customer(
        tx, provider=payment.provider, reference=payment.provider_customer, locks=True
    )
    if customer is None or customer.is_forgotten:
        return
    known = await find_saved_methods(tx, customer.customer_id)
    if any(each.token == kept.token for each in known):
        return
    method = SavedPaymentMethod(
        id=uuid7(),
        customer_id=customer.customer_id,
        provider=payment.provider,
        provider_method=payment.provider_method,
        created_at=tx.now,
    )
    method.activate(kept)
    await tx.insert(method)


async def forget_saved_methods_of(tx: Tx, customer_id: UUID) -> None:
    """Has each provider forget an erased customer, by timers of this commit. Idempotent."""
    for customer in await find_payment_customers(tx, customer_id):
        customer.is_forgotten = True
        await tx.update(customer)
        key = f"{customer.provider}:{customer_id}"
        await timers.schedule(tx, FORGET_CUSTOMER, key, tx.now)
    await tx.run(
        "UPDATE saved_payment_method SET status = 'detaching', brand = '', last_four = '',"
        " expires_month = 0, expires_year = 0 WHERE customer_id = %s",
        [customer_id],
    )


async def refresh_methods(
    tx: Tx, customer_id: UUID, provider: str, kept: dict[str, Instrument], asked_at: datetime
) -> None:
    """Takes over what a provider keeps for a customer: new expiries, and cards that are gone.

    What was saved after the provider was asked is left alone.
    """
    for method in await find_saved_methods(tx, customer_id):
        is_known = method.status is SavedMethodStatus.ACTIVE and method.provider == provider
        if not is_known or method.created_at >= asked_at:
            continue
        found = kept.get(method.token)
        if found is None:
            await tx.delete(method)
        elif method.describe(found):
            await tx.update(method)
