"""The steps of the saga that places an order: reserve, redeem, authorize, capture, confirm.

Stock and cart come before the bank: no money is authorized for a buyer who loses the race for the
last unit, a coupon or the cart.

Each step is idempotent by the order's id and runs without an open transaction. `run` raises a
refusal, or an error after which it may be repeated. `undo` is safe if the step had no effect or may
have had one, and refuses a `run` that arrives later.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from chassis.money import Money
from chassis.rpc.errors import DomainError, Exists, Invalid, NotFound, Refused
from chassis.runtime.clock import Clock
from checkout import metrics
from checkout.errors.checkouts import OrderExpired
from checkout.errors.payments import (
    PaymentDeclined,
    PaymentInDoubt,
    ProviderRefused,
    ProviderUnavailable,
)
from checkout.orders.model import Order, StepName
from checkout.payments.model import CapturePoint, Payment, PaymentStatus
from checkout.payments.provider import Authorization, ProviderPayment, Providers
from checkout.payments.vaults.vault import vault_of
from checkout.peers import Carts, Stock
from checkout.placing.model import Attempt

_STOCK_GONE: Final = ("RESERVATION_EXPIRED", "RESERVATION_RELEASED", "RESERVATION_NOT_FOUND")


@dataclass(frozen=True, slots=True)
class Participants:
    """The services and providers that the steps ask, and the clock.

    `authorization_lasts` is for providers that do not say how long a bank keeps an amount.
    """

    stock: Stock
    carts: Carts
    providers: Providers
    clock: Clock
    authorization_lasts: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the saga."""

    name: StepName
    run: Callable[[Participants, Attempt], Awaitable[None]]
    undo: Callable[[Participants, Attempt], Awaitable[None]]


def is_refusal(error: DomainError) -> bool:
    """Returns whether an error is final.

    A repeat of the step would raise it again, so the order is refused.
    """
    return isinstance(error, Refused | NotFound | Invalid | Exists)


def payment_key(order: Order) -> str:
    """Returns the idempotency key of the order's payment at the provider."""
    return order.authorization_key


async def _reserve(participants: Participants, attempt: Attempt) -> None:
    if _is_late(participants, attempt):
        raise OrderExpired
    try:
        await participants.stock.reserve(attempt.order, attempt.lines)
    except DomainError as error:
        raise _as_expiry(error) from None


async def _unreserve(participants: Participants, attempt: Attempt) -> None:
    """Also returns stock that `confirm` took."""
    await participants.stock.release(attempt.order.id)


async def _authorize(participants: Participants, attempt: Attempt) -> None:
    """Leaves the payment authorized, captured by an earlier run, or waiting for the buyer.

    One that is settled after its order is placed stays pending, and nobody is asked.
    """
    payment = attempt.payment
    if payment is None or payment.is_settled_later:
        return
    is_late = _is_late(participants, attempt)
    found = await _ask_provider(participants, attempt.order, payment, may_charge=not is_late)
    if found is None:
        raise OrderExpired
    _apply(payment, found)
    _note_authorization(participants, payment, found)
    attempt.kept = found.instrument
    match found.status:
        case PaymentStatus.DECLINED:
            metrics.count_payment("declined", attempt.order)
            raise PaymentDeclined(decline_code=found.decline_code)
        case PaymentStatus.VOIDED | PaymentStatus.REFUNDED | PaymentStatus.PARTIALLY_REFUNDED:
            raise PaymentDeclined(decline_code="undone_by_provider")
        case PaymentStatus.PENDING | PaymentStatus.REQUIRES_ACTION | PaymentStatus.AUTHORIZED if (
            is_late
        ):
            raise OrderExpired
        case (
            PaymentStatus.PENDING
            | PaymentStatus.REQUIRES_ACTION
            | PaymentStatus.AUTHORIZED
            | PaymentStatus.CAPTURED
        ):
            return


async def _ask_provider(
    participants: Participants, order: Order, payment: Payment, *, may_charge: bool
) -> ProviderPayment | None:
    key, provider = payment_key(order), participants.providers.named(payment.provider)
    try:
        with _count_silence(order):
            if payment.provider_payment_id or not may_charge:
                return await provider.look_up(key, payment_id=payment.provider_payment_id)
            amount = Money(payment.amount_minor, payment.currency)
            return await provider.authorize(
                Authorization(
                    key,
                    str(order.id),
                    amount,
                    payment.token,
                    payment.return_url,
                    payment.provider_method or payment.method_id,
                    payment.provider_customer,
                    saves=payment.saves_method,
                    is_off_session=payment.is_off_session,
                    in_parts=payment.capture_at is CapturePoint.SHIPMENT,
                )
            )
    except ProviderRefused as refusal:
        raise PaymentDeclined(decline_code=refusal.metadata.get("code", "")) from None


@contextlib.contextmanager
def _count_silence(order: Order) -> Iterator[None]:
    """Counts calls that the provider does not answer; the error passes."""
    try:
        yield
    except (PaymentInDoubt, ProviderUnavailable) as error:
        metrics.count_payment(
            "in_doubt" if isinstance(error, PaymentInDoubt) else "unavailable", order
        )
        raise


async def _unauthorize(participants: Participants, attempt: Attempt) -> None:
    """Voids an authorized payment and refunds a captured one."""
    payment = attempt.payment
    if payment is None or payment.is_settled_later:
        return
    provider = participants.providers.named(payment.provider)
    found = await provider.cancel_by_key(
        payment_key(attempt.order), payment_id=payment.provider_payment_id
    )
    vault = vault_of(provider)
    if found is not None and found.instrument and payment.saves_method and vault:
        # The buyer agreed to keep what pays of a placed order.
        await vault.detach(found.instrument.token)
    if found is not None:
        if payment.status is PaymentStatus.DECLINED and not found.captured_minor:
            # Declined and given up is still declined.
            return
        if found.status is not PaymentStatus.DECLINED:
            metrics.count_payment("undone", attempt.order)
        _apply(payment, found)


async def _redeem(participants: Participants, attempt: Attempt) -> None:
    if attempt.order.replaces_order_id is None:
        await participants.carts.redeem(attempt.order)


async def _unredeem(participants: Participants, attempt: Attempt) -> None:
    if attempt.order.replaces_order_id is None:
        await participants.carts.unredeem(attempt.order.id)


async def _capture(participants: Participants, attempt: Attempt) -> None:
    payment = attempt.payment
    if payment is None or payment.captured_minor or payment.is_settled_later:
        return
    if attempt.keeps_money or payment.is_held:
        # Under review its release takes the money, else a shipment does.
        return
    if _is_late(participants, attempt):
        raise OrderExpired
    try:
        with _count_silence(attempt.order):
            found = await participants.providers.named(payment.provider).capture(
                payment.provider_payment_id,
                amount=Money(payment.amount_minor, payment.currency),
                key=attempt.order.capture_key,
            )
    except ProviderRefused as refusal:
        raise PaymentDeclined(decline_code=refusal.metadata.get("code", "")) from None
    metrics.count_payment("captured", attempt.order)
    _apply(payment, found)


async def _confirm(participants: Participants, attempt: Attempt) -> None:
    """Takes the reserved stock. The catalog decides whether the reservation is still valid."""
    try:
        await participants.stock.confirm(attempt.order.id)
    except DomainError as error:
        raise _as_expiry(error) from None


async def _undo_nothing(participants: Participants, attempt: Attempt) -> None:
    """The undo of `capture` and `confirm`, which are undone by others.

    That of `authorize` refunds a capture, that of `reserve` returns confirmed stock.
    """


STEPS: Final = (
    Step(StepName.RESERVE, _reserve, _unreserve),
    Step(StepName.REDEEM, _redeem, _unredeem),
    Step(StepName.AUTHORIZE, _authorize, _unauthorize),
    Step(StepName.CAPTURE, _capture, _undo_nothing),
    Step(StepName.CONFIRM, _confirm, _undo_nothing),
)
BY_NAME: Final = {step.name: index for index, step in enumerate(STEPS)}


def _is_late(participants: Participants, attempt: Attempt) -> bool:
    """Returns whether the reservation may have expired: no step with a new effect runs then."""
    return participants.clock.now() >= attempt.order.expires_at


def _apply(payment: Payment, found: ProviderPayment) -> None:
    payment.provider_payment_id = found.id or payment.provider_payment_id
    payment.action_url, payment.decline_code = found.action_url, found.decline_code
    payment.signals = found.signals or payment.signals
    payment.card_fingerprint = found.card_fingerprint or payment.card_fingerprint
    payment.apply_provider_status(
        found.status, captured_minor=found.captured_minor, refunded_minor=found.refunded_minor
    )


def _note_authorization(
    participants: Participants, payment: Payment, found: ProviderPayment
) -> None:
    """Notes until when an amount is authorized that is taken with shipments, and how."""
    if not payment.is_held:
        return
    payment.captures_parts = found.captures_parts
    payment.authorization_expires_at = found.authorized_until or (
        participants.clock.now() + participants.authorization_lasts
    )


def _as_expiry(error: DomainError) -> DomainError:
    return OrderExpired() if error.reason in _STOCK_GONE else error
