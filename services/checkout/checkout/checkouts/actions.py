"""Beginning, changing and giving up a checkout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.data import timers
from chassis.data.database import Database
from chassis.data.timers import Timer
from chassis.data.tx import Tx
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.checkouts import contacts
from checkout.checkouts import review as reviews
from checkout.checkouts.cart import Basket
from checkout.checkouts.model import Checkout, CheckoutStatus
from checkout.checkouts.price_tables import SEEDED, PriceTables
from checkout.errors import CheckoutNotFound, CheckoutNotOpen, SyntheticMismatch, UnknownDeliveryOption, UnknownPaymentMethod
from checkout.payments.model import accept_token
from checkout.payments.provider import Method
from checkout.placing.place_order import EXPIRE_TIMER
from checkout.settings import ChannelSettings
from sojourn.checkout.v1 import events_pb2


@dataclass(frozen=True, slots=True)
class Changes:
    """Fields that a buyer sets; None leaves a field as it is. `email` is in its normal form. The token is the payment provider's."""

    email: str | None = field(default=None, repr=False)
    delivery_address: Mapping[str, str] | None = field(default=None, repr=False)
    delivery_option_id: str | None = None
    payment_method_id: str | None = None
    payment_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Counter:
    """What there is to choose from."""

    basket: Basket
    channel: ChannelSettings
    methods: Sequence[Method]
    tables: PriceTables = SEEDED


async def begin(tx: Tx, changes: Changes, *, counter: Counter, caller: Caller, lifetime_seconds: int) -> tuple[Checkout, reviews.Review]:
    """A new checkout of the counter's basket with what the buyer has chosen so far, and its review. Emits CheckoutStarted.

    Raises CartEmpty, CartNotOpen, SyntheticMismatch, and what `change` raises of the choices.
    """
    basket = counter.basket
    basket.require_orderable()
    if basket.is_synthetic is not caller.is_synthetic:
        raise SyntheticMismatch
    checkout = Checkout(
        id=uuid7(),
        owner_id=basket.owner_id,
        owner_kind=caller.kind,
        organization_id=caller.organization_id,
        channel_id=basket.channel_id,
        cart_id=basket.cart_id,
        currency=basket.currency,
        locale=basket.locale,
        is_synthetic=caller.is_synthetic,
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=lifetime_seconds),
    )
    review = _apply(checkout, changes, counter, tx.now)
    tx.deferred.insert(checkout)
    await timers.schedule(tx, EXPIRE_TIMER, str(checkout.id), checkout.expires_at)
    event = events_pb2.CheckoutStarted(
        checkout_id=str(checkout.id),
        version=checkout.version,
        owner_id=str(checkout.owner_id),
        cart_id=str(checkout.cart_id),
        channel=checkout.channel_id,
        synthetic=checkout.is_synthetic,
    )
    await tx.emit(event, key=checkout.id, synthetic=checkout.is_synthetic)
    return checkout, review


async def change(
    tx: Tx, checkout_id: UUID, changes: Changes, *, counter: Counter, caller: Caller, expected_version: int
) -> tuple[Checkout, reviews.Review]:
    """The changed checkout and its review.

    Raises CheckoutNotFound, CheckoutNotOpen, VersionMismatch, InvalidAddress, UnknownDeliveryOption, UnknownPaymentMethod,
    InvalidPaymentToken, CardDataRefused.
    """
    checkout = await _lock(tx, checkout_id, caller)
    if expected_version and expected_version != checkout.version:
        raise VersionMismatch("the checkout changed meanwhile")
    checkout.require_open(tx.now)
    review = _apply(checkout, changes, counter, tx.now)
    await tx.update(checkout)
    return checkout, review


def _apply(checkout: Checkout, changes: Changes, counter: Counter, now: datetime) -> reviews.Review:
    if changes.email is not None:
        checkout.email = changes.email
    if changes.delivery_address is not None:
        checkout.delivery_address = contacts.address(changes.delivery_address, countries=counter.channel.countries)
    _choose_payment(checkout, changes, counter.methods)
    if changes.delivery_option_id is not None:
        checkout.delivery_option_id = changes.delivery_option_id
    review = reviews.of(checkout, counter.basket, channel=counter.channel, now=now, tables=counter.tables)
    if review.chosen is None:
        if changes.delivery_option_id:
            raise UnknownDeliveryOption
        # A new address may rule the chosen way out.
        checkout.delivery_option_id = ""
    checkout.become(review.status)
    checkout.reviewed_total_minor = review.totals.total_minor
    return review


async def cancel(tx: Tx, checkout_id: UUID, *, caller: Caller) -> Checkout:
    """The checkout, given up. Idempotent. Raises CheckoutNotFound, and CheckoutNotOpen once an order of it is under way."""
    checkout = await _lock(tx, checkout_id, caller)
    if checkout.status is CheckoutStatus.CANCELED:
        return checkout
    if not checkout.is_open:
        raise CheckoutNotOpen(status=checkout.status)
    checkout.cancel()
    await tx.update(checkout)
    await timers.cancel(tx, EXPIRE_TIMER, str(checkout.id))
    return checkout


class Expiries:
    """Gives checkouts up whose time is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def on_timer(self, timer: Timer) -> None:
        """Leaves one alone whose order is under way: a refusal sets the timer again."""
        async with self._database.tx() as tx:
            checkout = await tx.lock(Checkout, UUID(timer.key))
            if checkout is not None and checkout.is_open and checkout.expires_at <= tx.now:
                checkout.cancel()
                await tx.update(checkout)


async def _lock(tx: Tx, checkout_id: UUID, caller: Caller) -> Checkout:
    checkout = await tx.lock(Checkout, checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    checkout.require_owner(caller)
    return checkout


def _choose_payment(checkout: Checkout, changes: Changes, methods: Sequence[Method]) -> None:
    if changes.payment_method_id is not None:
        if changes.payment_method_id not in {method.id for method in methods}:
            raise UnknownPaymentMethod
        if changes.payment_method_id != checkout.payment_method_id:
            # A token belongs to its method.
            checkout.payment_method_id, checkout.payment_token = changes.payment_method_id, ""
    if changes.payment_token is not None:
        checkout.payment_token = accept_token(changes.payment_token)
        if not checkout.payment_method_id and len(methods) == 1:
            checkout.payment_method_id = methods[0].id
