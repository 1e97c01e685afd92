"""Port to payment providers.

A merchant's package adds one through the entry point group `sojourn.payment_providers`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from chassis.money import Money
from checkout.errors.payments import ProviderUnavailable, SyntheticPaymentsOff
from checkout.payments.model import PaymentStatus, Settlement
from checkout.payments.signals import PaymentSignals
from checkout.payments.vaults.instrument import Instrument

GROUP: Final = "sojourn.payment_providers"
SIMULATOR: Final = "simulator"


@dataclass(frozen=True, slots=True)
class Method:
    """A payment method of a provider.

    With `needs_token` a buyer pays with a token of the provider's, made in their browser. One that
    is not `is_usual` is offered only once staff have set it. With a `settlement` after the order is
    placed the provider is not asked for money. The provider's vault keeps the instrument of one
    that `can_be_saved`.
    """

    id: str
    title: str
    needs_token: bool = True
    is_usual: bool = True
    settlement: Settlement = Settlement.NOW
    can_be_saved: bool = False


@dataclass(frozen=True, slots=True)
class Authorization:
    """An amount to authorize.

    `reference` is the order's id, `key` the idempotency key, `method` the id of one of the
    provider's methods, `token` the provider's for the instrument. The bank's challenge leads the
    buyer back to `return_url`, unless it is empty.

    `customer` is the id that the provider's vault gave the buyer, of whom a saved token is, and for
    whom the instrument is kept if the buyer agreed (`saves`). Off session the buyer is not there to
    pass a challenge. It is wanted to be taken `in_parts`, if the provider can.
    """

    key: str
    reference: str
    amount: Money
    token: str = field(repr=False)
    return_url: str = field(default="", repr=False)
    method: str = ""
    customer: str = ""
    saves: bool = False
    is_off_session: bool = False
    in_parts: bool = False


@dataclass(frozen=True, slots=True)
class ProviderPayment:
    """A payment at the provider, as it is now. Amounts are minor units of `currency`.

    `signals` are against fraud, None where the provider has none; `card_fingerprint` is the same
    for each payment with a card; `instrument` is what its vault keeps, where it is kept. The bank
    keeps an authorized amount until `authorized_until`, None where the provider does not say;
    one that `captures_parts` is taken in parts (PartCapturer).
    """

    id: str
    reference: str
    status: PaymentStatus
    currency: str
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    decline_code: str = ""
    action_url: str = field(default="", repr=False)
    signals: PaymentSignals | None = None
    card_fingerprint: str = field(default="", repr=False)
    instrument: Instrument | None = None
    authorized_until: datetime | None = None
    captures_parts: bool = False

    @property
    def net_minor(self) -> int:
        """The captured amount without refunds."""
        return self.captured_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry of the provider's ledger. `cursor` continues the ledger after it."""

    cursor: str
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """The event of a webhook. It is a hint: the provider is asked for the facts.

    One about a dispute has its `dispute_id`, one about what the vault keeps the `customer` there;
    one about a refund its `refund_id`; they may have no reference.
    """

    id: str
    type: str
    reference: str
    dispute_id: str = ""
    customer: str = ""
    refund_id: str = ""


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund at the provider, as it is now. `key` is that of the call that made it."""

    id: str
    key: str
    has_failed: bool
    failure_code: str = ""


@runtime_checkable
class RefundFinder(Protocol):
    """A payment provider whose refunds may fail later. Its webhooks name them (`refund_id`)."""

    async def find_refund(self, refund_id: str) -> ProviderRefund | None:
        """Returns a refund as it is now; None if there is none."""
        ...


class DisputeStatus(StrEnum):
    """States of a dispute. Once it is won the money is the shop's, once lost the buyer's."""

    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"

    @property
    def is_open(self) -> bool:
        """Whether it is not decided yet."""
        return self in (DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A dispute at the provider, as it is now.

    `reference` is the order's id, `payment_id` the provider's id of the payment.
    """

    id: str
    payment_id: str
    reference: str
    status: DisputeStatus
    reason: str
    amount: Money
    respond_by: datetime | None
    opened_at: datetime


@runtime_checkable
class DisputeProvider(Protocol):
    """A payment provider that tells of disputes. Its webhooks name them (`dispute_id`)."""

    async def find_dispute(self, dispute_id: str) -> ProviderDispute | None:
        """Returns a dispute as it is now; None if there is none."""
        ...


@runtime_checkable
class PartCapturer(Protocol):
    """A payment provider that takes an authorized amount in parts.

    Of any other, the first capture of a payment releases what it does not take.
    """

    async def capture_part(
        self,
        payment_id: str,
        *,
        amount: Money,
        captured_before_minor: int,
        key: str,
        is_last: bool,
    ) -> ProviderPayment:
        """Takes a part; the last one releases the rest. Idempotent.

        `captured_before_minor` was taken before it: so the effect of a lost answer is seen.
        """
        ...

    async def release_rest(self, payment_id: str) -> None:
        """Releases what is authorized and not taken. One of which nothing is left is fine."""
        ...


class PaymentProvider(Protocol):
    """A payment provider.

    Every call that changes something is idempotent by its key.

    Refusals are `Refused`. After ProviderUnavailable the call had no effect as far as is known;
    after PaymentInDoubt it may have had one.
    """

    @property
    def name(self) -> str: ...

    @property
    def methods(self) -> Sequence[Method]: ...

    async def authorize(self, wanted: Authorization) -> ProviderPayment:
        """Authorizes a payment.

        A decline is an answer, not an error. A repeat returns the payment as it is now.
        """
        ...

    async def capture(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        """Captures an authorized payment. A captured payment is an answer, not an error."""
        ...

    async def refund(self, payment_id: str, *, amount: Money, key: str) -> ProviderPayment:
        """Refunds a captured payment. Raises Refused if the amount exceeds the rest."""
        ...

    async def void(self, payment_id: str, *, key: str) -> ProviderPayment:
        """Voids an authorized payment."""
        ...

    async def look_up(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        """Returns the payment of an `authorize` key as it is now; None if there is none yet.

        `payment_id` is the provider's id of it, empty where its answer was lost.
        """
        ...

    async def cancel_by_key(self, key: str, *, payment_id: str = "") -> ProviderPayment | None:
        """Voids or refunds the payment of an `authorize` key, and refuses a later `authorize`.

        `payment_id` is as in `look_up`. Returns None if there was none.
        """
        ...

    async def of_reference(self, reference: str) -> list[ProviderPayment]:
        """Returns all payments of an order."""
        ...

    async def movements(self, *, after: str, limit: int) -> list[Movement]:
        """Returns entries of the ledger after a cursor, oldest first.

        The cursor "" is the beginning.
        """
        ...

    def verify_webhook(self, body: bytes, signature: str) -> WebhookEvent:
        """Returns the event of a webhook.

        Raises MalformedWebhook, and WrongSignature also if it is older than 5 minutes.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Providers:
    """The connected providers: `main` and `others` for shoppers, `simulated` for synthetic ones.

    The methods of `main` are offered where staff have set none.
    """

    main: PaymentProvider
    simulated: PaymentProvider | None
    others: tuple[PaymentProvider, ...] = ()

    @property
    def of_shoppers(self) -> tuple[PaymentProvider, ...]:
        """The providers whose methods staff may offer."""
        return self.main, *self.others

    def for_shopper(self, *, is_synthetic: bool) -> PaymentProvider:
        """Returns the first provider with which a shopper may pay. Raises SyntheticPaymentsOff."""
        if not is_synthetic:
            return self.main
        if self.simulated is None:
            raise SyntheticPaymentsOff
        return self.simulated

    def find(self, name: str) -> PaymentProvider | None:
        """Returns the connected provider of a name."""
        return next((provider for provider in self.all if provider.name == name), None)

    def named(self, name: str) -> PaymentProvider:
        """Returns the provider of a payment.

        Raises ProviderUnavailable if it is no longer connected.
        """
        provider = self.find(name)
        if provider is None:
            raise ProviderUnavailable(f"the provider {name} is not connected")
        return provider

    @property
    def all(self) -> list[PaymentProvider]:
        """The connected providers without duplicates, `main` first."""
        found = list(self.of_shoppers)
        if self.simulated is not None and self.simulated not in found:
            found.append(self.simulated)
        return found


def connect_all(names: str, *, with_simulator: bool, timeout_seconds: float) -> Providers:
    """Connects the providers of names that are separated by commas, the main one first.

    With `with_simulator` the simulator is beside them for synthetic shoppers; among the names it
    serves all shoppers. Raises LookupError for a name that is not installed, or is there twice.
    """
    wanted = [name.strip() for name in names.split(",")]
    if len(set(wanted)) != len(wanted):
        raise LookupError(f"a payment provider is named twice in {names!r}")
    connected = {name: connect(name, timeout_seconds=timeout_seconds) for name in wanted}
    main, *others = connected.values()
    simulated = connected.get(SIMULATOR)
    if simulated is None and with_simulator:
        simulated = connect(SIMULATOR, timeout_seconds=timeout_seconds)
    return Providers(main, simulated, tuple(others))


def connect(name: str, *, timeout_seconds: float) -> PaymentProvider:
    """Connects the provider of an entry point, which reads its settings from the environment.

    Raises LookupError if none is installed.
    """
    for point in entry_points(group=GROUP, name=name):
        factory: Callable[[float], PaymentProvider] = point.load()
        return factory(timeout_seconds)
    raise LookupError(f"no payment provider {name!r} is installed")
