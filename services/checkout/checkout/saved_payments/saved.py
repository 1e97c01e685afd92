"""Saved payment methods between this database and the vaults of the providers.

A row and a timer are committed before the provider is asked, so that a crash at any point leaves
nothing at the provider that nobody knows of. Calls to vaults are idempotent.
"""

from uuid import UUID

from chassis import telemetry
from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.rpc.auth import Caller
from chassis.runtime.clock import real_now
from checkout.checkouts.model import Checkout
from checkout.errors.saved_payments import PaymentMethodNotSavable, SavedPaymentMethodNotFound
from checkout.payment_methods.offers import OfferedMethod
from checkout.payments.model import ReceivedWebhook
from checkout.payments.provider import Providers, WebhookEvent
from checkout.payments.vaults.vault import ProviderSetUp, SetUp, Vault, vault_of
from checkout.saved_payments.actions import record_set_up, refresh_methods
from checkout.saved_payments.model import (
    REFRESH,
    PaymentCustomer,
    PaymentMeans,
    SavedMethodStatus,
    SavedPaymentMethod,
)
from checkout.saved_payments.queries import (
    find_payment_customer,
    find_saved_methods,
    get_saved_method,
)

log = telemetry.log("saved_payments")


async def receive_vault_event(database: Database, provider: str, event: WebhookEvent) -> None:
    """Accepts an event about a customer's instruments once; a timer asks the provider."""
    received = ReceivedWebhook(provider=provider, event_id=event.id, received_at=real_now())
    async with database.read() as read:
        customer = await find_payment_customer(read, provider=provider, reference=event.customer)
    if customer is None or customer.is_forgotten:
        return
    async with database.tx() as tx:
        if await tx.insert_new(received):
            await timers.schedule(tx, REFRESH, f"{provider}:{customer.customer_id}", tx.now)


class SavedPayments:
    """Saves, confirms, refreshes and forgets instruments. Ask without a connection out."""

    def __init__(self, database: Database, providers: Providers) -> None:
        self._database, self._providers = database, providers

    async def find_default(self, caller: Caller) -> list[SavedPaymentMethod]:
        """Returns the active methods of a customer who calls, the default one first.

        Those of nobody where staff act for the customer: they name one.
        """
        if caller.kind != "customer" or caller.acted_by is not None:
            return []
        async with self._database.read() as read:
            return await find_saved_methods(read, caller.shopper_id)

    async def means_of(
        self, checkout: Checkout, method: OfferedMethod | None, caller: Caller
    ) -> PaymentMeans:
        """Returns what the order of a checkout is charged with.

        Where staff act for the customer, who is not there to pass a challenge, a saved method is
        charged off session. Raises SavedPaymentMethodNotFound, PaymentMethodNotSavable,
        ProviderUnavailable.
        """
        means = PaymentMeans(checkout.payment_token)
        if method is None:
            return means
        if checkout.saved_payment_method_id is not None:
            if caller.kind != "customer":
                raise SavedPaymentMethodNotFound
            async with self._database.read() as read:
                saved, _ = await get_saved_method(
                    read, checkout.saved_payment_method_id, caller.shopper_id
                )
                customer = await read.get(PaymentCustomer, caller.shopper_id, saved.provider)
            if saved.status is not SavedMethodStatus.ACTIVE or customer is None:
                raise SavedPaymentMethodNotFound
            return PaymentMeans(
                saved.token,
                customer.reference,
                saved.id,
                is_off_session=caller.acted_by is not None,
            )
        if checkout.saves_payment_method and checkout.payment_token:
            require_account(caller)
            if not method.can_be_saved:
                raise PaymentMethodNotSavable(problem="method", payment_method_id=method.code)
            reference = await self.customer_of(caller.shopper_id, method.provider)
            return PaymentMeans(checkout.payment_token, reference, saves=True)
        return means

    async def customer_of(self, customer_id: UUID, provider: str) -> str:
        """Returns the provider's id of a customer, who is created there if need be."""
        async with self._database.read() as read:
            known = await read.get(PaymentCustomer, customer_id, provider)
        if known is None:
            reference = await self._vault(provider).create_customer(
                str(customer_id), key=f"customer:{customer_id}"
            )
            async with self._database.tx() as tx:
                new = PaymentCustomer(
                    customer_id=customer_id,
                    provider=provider,
                    reference=reference,
                    created_at=tx.now,
                )
                if await tx.insert_new(new):
                    return reference
                known = await tx.get(PaymentCustomer, customer_id, provider)
        if known is None or known.is_forgotten:
            raise PaymentMethodNotSavable(problem="erased")
        return known.reference

    async def set_up(
        self, method: SavedPaymentMethod, *, token: str, return_url: str
    ) -> ProviderSetUp:
        """Begins the set-up of a method at its provider, or finds it, and records it."""
        wanted = SetUp(
            key=_key_of(method),
            customer=await self.customer_of(method.customer_id, method.provider),
            method=method.provider_method,
            token=token,
            return_url=return_url,
        )
        found = await self._vault(method.provider).set_up(wanted)
        async with self._database.tx() as tx:
            await record_set_up(tx, method.id, found)
        return found

    async def confirm(self, method: SavedPaymentMethod) -> ProviderSetUp | None:
        """Asks the provider for a set-up that is awaited, and records it as it is now."""
        if method.status is not SavedMethodStatus.PENDING:
            return None
        customer = await self.customer_of(method.customer_id, method.provider)
        found = await self._vault(method.provider).find_set_up(
            customer, _key_of(method), set_up_id=method.set_up_id
        )
        if found is not None:
            async with self._database.tx() as tx:
                await record_set_up(tx, method.id, found)
        return found

    async def on_set_up_over(self, timer: Timer) -> None:
        """Ends a set-up that nobody finished; one that is done is saved."""
        method = await self._find(UUID(timer.key))
        if method is None:
            return
        found = await self.confirm(method)
        if found is not None and found.instrument is None and found.id:
            await self._vault(method.provider).cancel_set_up(found.id)
        async with self._database.tx() as tx:
            left = await tx.lock(SavedPaymentMethod, method.id)
            if left and left.status in (SavedMethodStatus.PENDING, SavedMethodStatus.FAILED):
                await tx.delete(left)

    async def on_detach(self, timer: Timer) -> None:
        """Takes a method of which its customer wants to know nothing from the provider."""
        method = await self._find(UUID(timer.key))
        if method is None or method.status is not SavedMethodStatus.DETACHING:
            return
        vault = self._vault(method.provider)
        if method.token:
            await vault.detach(method.token)
        elif method.set_up_id:
            await self._give_up(method, vault)
        async with self._database.tx() as tx:
            if left := await tx.lock(SavedPaymentMethod, method.id):
                await tx.delete(left)

    async def on_forget(self, timer: Timer) -> None:
        """Has a provider forget an erased customer with all instruments."""
        provider, _, customer_id = timer.key.partition(":")
        async with self._database.read() as read:
            customer = await read.get(PaymentCustomer, UUID(customer_id), provider)
        if customer is None or not customer.is_forgotten:
            return
        await self._vault(provider).delete_customer(customer.reference)
        async with self._database.tx() as tx:
            await tx.run(
                "DELETE FROM saved_payment_method WHERE customer_id = %s AND provider = %s",
                [customer.customer_id, provider],
            )
            if left := await tx.lock(PaymentCustomer, customer.customer_id, provider):
                await tx.delete(left)

    async def on_refresh(self, timer: Timer) -> None:
        """Takes over what a provider keeps for a customer, and set-ups that ended."""
        provider, _, customer_id = timer.key.partition(":")
        async with self._database.read() as read:
            customer = await read.get(PaymentCustomer, UUID(customer_id), provider)
            methods = await find_saved_methods(read, UUID(customer_id))
            asked_at = self._database.clock.now()
        if customer is None or customer.is_forgotten:
            return
        for method in methods:
            if method.provider == provider:
                await self.confirm(method)
        found = await self._vault(provider).instruments(customer.reference)
        kept = {each.token: each for each in found}
        async with self._database.tx() as tx:
            await refresh_methods(tx, customer.customer_id, provider, kept, asked_at)

    async def _give_up(self, method: SavedPaymentMethod, vault: Vault) -> None:
        """Cancels a set-up, and detaches what it kept meanwhile."""
        await vault.cancel_set_up(method.set_up_id)
        customer = await self.customer_of(method.customer_id, method.provider)
        found = await vault.find_set_up(customer, _key_of(method), set_up_id=method.set_up_id)
        if found is not None and found.instrument is not None:
            await vault.detach(found.instrument.token)

    async def _find(self, method_id: UUID) -> SavedPaymentMethod | None:
        async with self._database.read() as read:
            return await read.get(SavedPaymentMethod, method_id)

    def _vault(self, provider: str) -> Vault:
        """Raises ProviderUnavailable if it is not connected, PaymentMethodNotSavable."""
        vault = vault_of(self._providers.named(provider))
        if vault is None:
            raise PaymentMethodNotSavable(problem="method")
        return vault


def require_account(caller: Caller) -> None:
    """Raises PaymentMethodNotSavable for anybody but a customer who agrees in person."""
    if caller.kind != "customer" or caller.acted_by is not None:
        raise PaymentMethodNotSavable(problem="account")


def _key_of(method: SavedPaymentMethod) -> str:
    return f"{method.id}:set_up"
