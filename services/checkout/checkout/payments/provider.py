"""The port to payment providers. A merchant's package adds one through the entry point group `sojourn.payment_providers`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Final, Protocol

from chassis.money import Money
from checkout.errors import ProviderUnavailable, SyntheticPaymentsOff
from checkout.payments.model import PaymentStatus

GROUP: Final = "sojourn.payment_providers"
SIMULATOR: Final = "simulator"


@dataclass(frozen=True, slots=True)
class Method:
    """A way to pay that the provider offers."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """What to hold. `reference` is the order's id; `key` makes a repeat safe; `token` is the provider's for the instrument."""

    key: str
    reference: str
    amount: Money
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment as the provider has it now. Amounts are minor units."""

    id: str
    reference: str
    status: PaymentStatus
    currency: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    decline_code: str = ""
    action_url: str = field(default="", repr=False)

    @property
    def net_minor(self) -> int:
        """What the merchant has of it."""
        return self.captured_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount that moved. `cursor` is where to read on after it."""

    cursor: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """What a webhook tells of. Only a hint: what happened is asked of the provider."""

    id: str
    type: str
    reference: str


class PaymentProvider(Protocol):
    """What a provider can do. Every call that changes something is idempotent by its key.

    Refusals are `Refused`; ProviderUnavailable means that nothing is known to have happened, PaymentInDoubt that it may have.
    """

    @property
    def name(self) -> str: ...

    @property
    def methods(self) -> Sequence[Method]: ...

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        """Holds money. A decline is an answer with that status. Answers what is true now, also to a repeat."""
        ...

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        """Takes what is held. A payment that is captured already is an answer, not a refusal."""
        ...

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        """Gives back. Raises Refused if that is more than is left."""
        ...

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        """Releases what is held."""
        ...

    async def look_up(self, key: str) -> ProviderPayment | None:
        """The payment that was authorized under a key, as it is now; None where there is none so far."""
        ...

    async def cancel_by_key(self, key: str) -> ProviderPayment | None:
        """Undoes whatever was done under a key of `authorize`, and makes one that comes late be refused. None where nothing was done."""
        ...

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        """All payments of an order."""
        ...

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        """What moved after a cursor ("" for the beginning), in order."""
        ...

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        """The event of a webhook. Raises WrongSignature, also for one that is older than 5 minutes."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Providers:
    """Where money moves: `main` takes real shoppers', `simulated` is where synthetic ones pay, None where there is no such place."""

    main: PaymentProvider
    simulated: PaymentProvider | None

    def paying(self, *, is_synthetic: bool) -> PaymentProvider:
        """Where a shopper pays. Raises SyntheticPaymentsOff."""
        if not is_synthetic:
            return self.main
        if self.simulated is None:
            raise SyntheticPaymentsOff
        return self.simulated

    def find(self, name: str) -> PaymentProvider | None:
        return next((provider for provider in self.all if provider.name == name), None)

    def named(self, name: str) -> PaymentProvider:
        """Where a payment was begun. Raises ProviderUnavailable where it is not connected any more."""
        provider = self.find(name)
        if provider is None:
            raise ProviderUnavailable(f"the provider {name} is not connected")
        return provider

    @property
    def all(self) -> list[PaymentProvider]:
        """Each once, the main one first."""
        return [self.main] if self.simulated is None or self.simulated is self.main else [self.main, self.simulated]


def connect_all(name: str, *, with_simulator: bool, timeout_seconds: float) -> Providers:
    """The main provider, which serves synthetic shoppers too where it is the simulator; `with_simulator` connects that beside another."""
    main = connect(name, timeout_seconds=timeout_seconds)
    if name == SIMULATOR:
        return Providers(main, main)
    return Providers(main, connect(SIMULATOR, timeout_seconds=timeout_seconds) if with_simulator else None)


def connect(name: str, *, timeout_seconds: float) -> PaymentProvider:
    """The provider of an entry point. Its own settings come from the environment. Raises LookupError if nothing of that name is installed."""
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], PaymentProvider] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no payment provider {name!r} is installed")
