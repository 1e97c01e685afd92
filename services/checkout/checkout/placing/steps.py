"""The five steps of placing an order, each with what undoes it: reserve, redeem, authorize, capture, confirm.

What only the shop knows comes before the bank: a buyer who loses the race for the last unit, a coupon or the cart has no money held.

Each is idempotent by the order's id and runs with no transaction open. `do` raises a refusal, or an error after which it may be repeated.
`undo` also undoes what may or may not have been done, and makes a `do` that comes late be refused.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from chassis.money import Money
from chassis.rpc.errors import DomainError, Exists, Invalid, NotFound, Refused
from chassis.runtime.clock import Clock
from checkout import metrics
from checkout.errors import OrderExpired, PaymentDeclined, PaymentInDoubt, ProviderRefused, ProviderUnavailable
from checkout.orders.model import Order, StepName
from checkout.payments.model import Payment, PaymentStatus
from checkout.payments.provider import Authorization, ProviderPayment, Providers
from checkout.peers import Carts, Stock
from checkout.placing.place_order import Attempt

_STOCK_GONE: Final = ("RESERVATION_EXPIRED", "RESERVATION_RELEASED", "RESERVATION_NOT_FOUND")


@dataclass(frozen=True, slots=True)
class Parties:
    """Whom the steps ask."""

    stock: Stock
    carts: Carts
    providers: Providers
    clock: Clock


@dataclass(frozen=True, slots=True)
class Step:
    name: StepName
    do: Callable[[Parties, Attempt], Awaitable[None]]
    undo: Callable[[Parties, Attempt], Awaitable[None]]


def is_refusal(error: DomainError) -> bool:
    """Whether a repeat would be answered the same: everything begun is undone. Anything else is tried again."""
    return isinstance(error, Refused | NotFound | Invalid | Exists)


def payment_key(order: Order) -> str:
    """The provider's idempotency key of the order's payment."""
    return f"{order.id}:{StepName.AUTHORIZE}"


async def _reserve(parties: Parties, attempt: Attempt) -> None:
    if _is_late(parties, attempt):
        raise OrderExpired
    try:
        await parties.stock.reserve(attempt.order, attempt.lines)
    except DomainError as error:
        raise _as_expiry(error) from None


async def _unreserve(parties: Parties, attempt: Attempt) -> None:
    """Also puts back what `confirm` took."""
    await parties.stock.release(attempt.order.id)


async def _authorize(parties: Parties, attempt: Attempt) -> None:
    """Leaves the payment authorized, captured (by an earlier run), or waiting for the buyer."""
    payment = attempt.payment
    if payment is None:
        return
    is_late = _is_late(parties, attempt)
    truth = await _ask_provider(parties, attempt.order, payment, may_charge=not is_late)
    if truth is None:
        raise OrderExpired
    _observe(payment, truth)
    match truth.status:
        case PaymentStatus.DECLINED:
            metrics.count_payment("declined", attempt.order)
            raise PaymentDeclined(decline_code=truth.decline_code)
        case PaymentStatus.VOIDED | PaymentStatus.REFUNDED | PaymentStatus.PARTIALLY_REFUNDED:
            raise PaymentDeclined(decline_code="undone_by_provider")
        case PaymentStatus.PENDING | PaymentStatus.REQUIRES_ACTION | PaymentStatus.AUTHORIZED if is_late:
            raise OrderExpired
        case PaymentStatus.PENDING | PaymentStatus.REQUIRES_ACTION | PaymentStatus.AUTHORIZED | PaymentStatus.CAPTURED:
            return


async def _ask_provider(parties: Parties, order: Order, payment: Payment, *, may_charge: bool) -> ProviderPayment | None:
    key, provider = payment_key(order), parties.providers.named(payment.provider)
    try:
        with _counting_silence(order):
            if payment.provider_payment_id or not may_charge:
                return await provider.look_up(key)
            wanted = Authorization(key, str(order.id), Money(payment.amount_minor, payment.currency), payment.token)
            return await provider.authorize(wanted)
    except ProviderRefused as refusal:
        raise PaymentDeclined(decline_code=refusal.metadata.get("code", "")) from None


@contextlib.contextmanager
def _counting_silence(order: Order) -> Iterator[None]:
    """Counts it when the provider gives no answer, and lets the error pass."""
    try:
        yield
    except (PaymentInDoubt, ProviderUnavailable) as error:
        metrics.count_payment("in_doubt" if isinstance(error, PaymentInDoubt) else "unavailable", order)
        raise


async def _unauthorize(parties: Parties, attempt: Attempt) -> None:
    """Voids what is held and gives back what was taken."""
    if attempt.payment is None:
        return
    truth = await parties.providers.named(attempt.payment.provider).cancel_by_key(payment_key(attempt.order))
    if truth is not None:
        if truth.status is not PaymentStatus.DECLINED:
            metrics.count_payment("undone", attempt.order)
        _observe(attempt.payment, truth)


async def _redeem(parties: Parties, attempt: Attempt) -> None:
    await parties.carts.redeem(attempt.order)


async def _unredeem(parties: Parties, attempt: Attempt) -> None:
    await parties.carts.unredeem(attempt.order.id)


async def _capture(parties: Parties, attempt: Attempt) -> None:
    payment = attempt.payment
    if payment is None or payment.captured_minor:
        return
    if _is_late(parties, attempt):
        raise OrderExpired
    try:
        with _counting_silence(attempt.order):
            truth = await parties.providers.named(payment.provider).capture(
                payment.provider_payment_id,
                amount=Money(payment.amount_minor, payment.currency),
                key=f"{attempt.order.id}:{StepName.CAPTURE}",
            )
    except ProviderRefused as refusal:
        raise PaymentDeclined(decline_code=refusal.metadata.get("code", "")) from None
    metrics.count_payment("captured", attempt.order)
    _observe(payment, truth)


async def _confirm(parties: Parties, attempt: Attempt) -> None:
    """Catalog is the judge of whether the order was in time."""
    try:
        await parties.stock.confirm(attempt.order.id)
    except DomainError as error:
        raise _as_expiry(error) from None


async def _nothing(parties: Parties, attempt: Attempt) -> None:
    """What another step's undo undoes too: authorize's gives captured money back, reserve's puts confirmed stock back."""


STEPS: Final = (
    Step(StepName.RESERVE, _reserve, _unreserve),
    Step(StepName.REDEEM, _redeem, _unredeem),
    Step(StepName.AUTHORIZE, _authorize, _unauthorize),
    Step(StepName.CAPTURE, _capture, _nothing),
    Step(StepName.CONFIRM, _confirm, _nothing),
)
BY_NAME: Final = {step.name: index for index, step in enumerate(STEPS)}


def _is_late(parties: Parties, attempt: Attempt) -> bool:
    """Whether the stock may be given back already: nothing new is begun then."""
    return parties.clock.now() >= attempt.order.expires_at


def _observe(payment: Payment, truth: ProviderPayment) -> None:
    payment.provider_payment_id = truth.id or payment.provider_payment_id
    payment.action_url, payment.decline_code = truth.action_url, truth.decline_code
    payment.follow(truth.status, captured_minor=truth.captured_minor, refunded_minor=truth.refunded_minor)


def _as_expiry(error: DomainError) -> DomainError:
    return OrderExpired() if error.reason in _STOCK_GONE else error
