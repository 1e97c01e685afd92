"""Port to the vault of a payment provider. A provider without one saves nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from checkout.payments.vaults.instrument import Instrument


class SetUpStatus(StrEnum):
    """States of a set-up."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class SetUp:
    """An instrument to keep for a customer, for charges on and off session.

    `key` is the idempotency key, `customer` the provider's id of the customer, `method` the id of
    one of the provider's methods. `token` is the provider's for the instrument; without one the
    provider's script in the browser makes it. The bank's challenge leads back to `return_url`.
    """

    key: str
    customer: str
    method: str
    token: str = field(default="", repr=False)
    return_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ProviderSetUp:
    """A set-up at the provider, as it is now. Once it is done it has its instrument."""

    id: str
    status: SetUpStatus
    instrument: Instrument | None = None
    client_secret: str = field(default="", repr=False)
    action_url: str = field(default="", repr=False)
    decline_code: str = ""


class Vault(Protocol):
    """Instruments that a provider keeps by customer. A repeat of a call is fine.

    Refusals are `Refused`. Raises ProviderUnavailable, and PaymentInDoubt where a call may have had
    its effect.
    """

    async def create_customer(self, reference: str, *, key: str) -> str:
        """Creates a customer of a reference of ours, and returns the provider's id of it."""
        ...

    async def delete_customer(self, customer: str) -> None:
        """Deletes a customer with all instruments. One that is not there is fine."""
        ...

    async def set_up(self, wanted: SetUp) -> ProviderSetUp:
        """Begins a set-up. A decline is an answer, not an error."""
        ...

    async def find_set_up(
        self, customer: str, key: str, *, set_up_id: str = ""
    ) -> ProviderSetUp | None:
        """Returns the set-up of a key as it is now; None if there is none.

        `set_up_id` is the provider's id of it, empty where its answer was lost.
        """
        ...

    async def cancel_set_up(self, set_up_id: str) -> None:
        """Cancels a set-up that is not done. One that is over is fine."""
        ...

    async def instruments(self, customer: str) -> Sequence[Instrument]:
        """Returns what is kept for a customer; nothing for one that is not there."""
        ...

    async def detach(self, token: str) -> None:
        """Forgets an instrument. One that is not there is fine."""
        ...


@runtime_checkable
class VaultProvider(Protocol):
    """A payment provider that has a vault."""

    @property
    def vault(self) -> Vault: ...


def vault_of(provider: object) -> Vault | None:
    """Returns the vault of a provider; None if it has none."""
    return provider.vault if isinstance(provider, VaultProvider) else None
