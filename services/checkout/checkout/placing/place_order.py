"""Placing an order: the transactions of the saga. `advancing` runs the steps between them.

Three commits place an order:
1. `begin`: the order exists, with its key, its resume timer and the step `reserve` recorded as begun. Before it nothing has an effect.
2. `go_on`: the stock is kept, and the other four steps are recorded as begun together. A buyer who loses the race for the last unit never
   reaches the cart or the provider; one who loses the race for a coupon or the cart never reaches the provider. Each step is idempotent by
   the order's id, so that whoever resumes may run all four again.
3. `place`: all is done.
A refusal costs two more: `decide`, after which nothing goes forward, and `refuse`, when everything begun is undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.money import Money
from chassis.rpc.errors import DomainError, VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.checkouts import model as checkouts
from checkout.checkouts.model import Checkout
from checkout.checkouts.review import Review
from checkout.errors import CheckoutNotFound, ExpectedTotalRequired, PriceChanged
from checkout.orders import model as orders
from checkout.orders import wire as messages
from checkout.orders.model import Actor, Order, OrderEvent, OrderLine, OrderStatus, StepName
from checkout.orders.view import OrderView
from checkout.payments.model import Payment, PaymentStatus
from checkout.placing import model as placements
from checkout.placing.model import PlacingKey

ADVANCE_TIMER: Final = "order.advance"
EXPIRE_TIMER: Final = "checkout.expire"
CANCEL_SYNTHETIC_TIMER: Final = "order.cancel_synthetic"
# No channel's order numbers begin so, and they have no gaps from these.
_SYNTHETIC_NUMBERS: Final = ("synthetic", "SYNTHETIC")
# How often a waiting order asks the provider by itself, should a webhook be lost.
POLL_SECONDS: Final = 60
# What catalog knows of its shelves is not the buyer's business.
_PRIVATE: Final = ("available", "peer")


@dataclass(slots=True)
class Attempt:
    """An order on its way, as one process sees it.

    `began_at` is `time.perf_counter()` of the call that began it, where it was one; then `history` is all of it. `is_placed` tells that the
    order as it stands here was committed as placed.
    """

    order: Order
    lines: list[OrderLine]
    payment: Payment | None
    actor: Actor = Actor.SYSTEM
    began_at: float | None = None
    history: list[OrderEvent] = field(default_factory=list)
    is_placed: bool = False

    @property
    def view(self) -> OrderView:
        return OrderView(self.order, self.lines, [self.payment] if self.payment else [], history=self.history)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the shop sets: for how long stock is kept (business time), when a timer takes over (real time), how numbers begin."""

    reservation_seconds: int
    resume_after_seconds: float
    provider: str
    order_prefix: str = "S"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The total that the buyer saw, the version of the checkout that showed it (0 for none), or both."""

    total: Money | None = None
    version: int = 0

    def require_stated(self) -> None:
        """Raises ExpectedTotalRequired."""
        if self.total is None and not self.version:
            raise ExpectedTotalRequired("send expected_total, or If-Match with the ETag of the checkout that the buyer saw")

    def require_met(self, checkout: Checkout, review: Review) -> None:
        """Raises VersionMismatch, ExpectedTotalRequired, and PriceChanged with the total of now."""
        if self.version and self.version != checkout.version:
            raise VersionMismatch("the checkout changed since the buyer saw it")
        total = Money(review.totals.total_minor, review.totals.currency)
        if self.total is None and checkout.reviewed_total_minor is None:
            raise ExpectedTotalRequired("this version of the checkout is of an earlier release: send expected_total")
        if (self.total or Money(checkout.reviewed_total_minor or 0, total.currency)) != total:
            raise PriceChanged(total_minor=total.amount_minor, currency=total.currency)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a call of CompleteCheckout asks for: `review` is the checkout as it was priced at `version`; None where it had an order then."""

    key: PlacingKey
    checkout_id: UUID
    version: int
    review: Review | None
    expected: Expectation
    terms: Terms = field(repr=False)


async def begin(tx: Tx, wish: Wish) -> Attempt | UUID:
    """A new order of the checkout, or the id of the one that is there: the key's own, or the checkout's, which the key then answers with.

    Raises KeyReused, CheckoutNotOpen, CheckoutNotReady, PriceChanged, and VersionMismatch where the checkout changed since it was priced.
    """
    # The lock makes twins and other keys wait for each other.
    checkout = await tx.lock(Checkout, wish.checkout_id)
    if checkout is None:
        raise CheckoutNotFound
    if known := await placements.order_of(tx, wish.key):
        return known
    if checkout.has_order and checkout.order_id:
        await placements.keep(tx, wish.key, checkout.order_id)
        return checkout.order_id
    checkout.require_open(tx.now)
    if checkout.version != wish.version or wish.review is None:
        raise VersionMismatch("the checkout changed meanwhile")
    wish.review.require_ready()
    wish.expected.require_met(checkout, wish.review)
    attempt = await _draft(tx, checkout, wish.review, wish.terms)
    order = attempt.order
    checkout.begin(order.id)
    tx.deferred.insert(order, *attempt.lines, *([attempt.payment] if attempt.payment else []))
    tx.deferred.update(checkout)
    attempt.history.append(orders.note(tx, order, Actor.BUYER))
    await placements.keep(tx, wish.key, order.id)
    await timers.schedule(tx, ADVANCE_TIMER, str(order.id), tx.now, lease_seconds=wish.terms.resume_after_seconds)
    return attempt


async def go_on(tx: Tx, attempt: Attempt) -> None:
    """The stock is kept; from here on every step may have had its effect."""
    attempt.order.begun = StepName.CONFIRM
    await orders.save(tx, attempt.order)


async def wait_for_buyer(tx: Tx, attempt: Attempt) -> None:
    """The order waits for the buyer's bank, at most until its stock is given back. Again: only looks later."""
    order, payment = attempt.order, attempt.payment
    assert payment is not None
    if order.status is OrderStatus.PENDING:
        order.become(OrderStatus.ACTION_REQUIRED)
        await orders.save(tx, order)
        await tx.update(payment)
        orders.note(tx, order, attempt.actor)
        checkout = await _checkout_of(tx, order)
        checkout.escalate(payment.action_url)
        await tx.update(checkout)
    look_at = min(tx.now + timedelta(seconds=POLL_SECONDS), max(order.expires_at, tx.now))
    await timers.schedule(tx, ADVANCE_TIMER, str(order.id), look_at)


async def place(tx: Tx, attempt: Attempt) -> None:
    """The order is paid and its stock taken. Emits OrderPlaced. A synthetic one is to be cancelled from this commit on."""
    order, payment = attempt.order, attempt.payment
    order.become(OrderStatus.PLACED)
    order.placed_at = tx.now
    await orders.save(tx, order)
    if payment:
        payment.token = payment.action_url = ""
        tx.deferred.update(payment)
    attempt.history.append(orders.note(tx, order, attempt.actor))
    checkouts.complete(tx, order.checkout_id, order.id)
    await timers.cancel(tx, ADVANCE_TIMER, str(order.id))
    await timers.cancel(tx, EXPIRE_TIMER, str(order.checkout_id))
    if order.is_synthetic:
        await timers.schedule(tx, CANCEL_SYNTHETIC_TIMER, str(order.id), tx.now)
    await tx.emit(messages.order_placed(attempt.view), key=order.id, synthetic=order.is_synthetic)


async def decide(tx: Tx, attempt: Attempt, refusal: DomainError) -> None:
    """The order will be refused: from this commit on nobody takes it forward."""
    order = attempt.order
    order.refusal_reason = refusal.reason
    order.refusal_metadata = {name: value for name, value in refusal.metadata.items() if name not in _PRIVATE}
    await orders.save(tx, order)


async def refuse(tx: Tx, attempt: Attempt) -> None:
    """Everything is undone: the checkout is open again. Emits OrderRefused."""
    order, payment = attempt.order, attempt.payment
    order.become(OrderStatus.REFUSED)
    await orders.save(tx, order)
    if payment:
        if payment.status in (PaymentStatus.PENDING, PaymentStatus.REQUIRES_ACTION):
            payment.become(PaymentStatus.VOIDED)
        payment.token = payment.action_url = ""
        await tx.update(payment)
    orders.note(tx, order, attempt.actor)
    checkout = await _checkout_of(tx, order)
    if checkout.order_id == order.id:
        checkout.reopen()
        await tx.update(checkout)
        await timers.schedule(tx, EXPIRE_TIMER, str(checkout.id), checkout.expires_at)
    await timers.cancel(tx, ADVANCE_TIMER, str(order.id))
    await tx.emit(messages.order_refused(attempt.view), key=order.id, synthetic=order.is_synthetic)


async def _draft(tx: Tx, checkout: Checkout, review: Review, terms: Terms) -> Attempt:
    order_id, basket, chosen = uuid7(), review.basket, review.chosen
    assert chosen is not None
    assert checkout.delivery_address is not None
    order = Order(
        id=order_id,
        number=await orders.next_number(tx, *_numbers_of(checkout, terms)),
        owner_id=checkout.owner_id,
        organization_id=checkout.organization_id,
        channel_id=checkout.channel_id,
        checkout_id=checkout.id,
        cart_id=basket.cart_id,
        cart_version=basket.version,
        currency=review.totals.currency,
        locale=checkout.locale,
        email=checkout.email,
        delivery_address=checkout.delivery_address,
        delivery_option=chosen,
        totals=review.totals.entries,
        tax_lines=list(review.totals.taxes.tax_lines),
        promotion_codes=list(basket.promotion_codes),
        total_minor=review.totals.total_minor,
        is_synthetic=checkout.is_synthetic,
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=terms.reservation_seconds),
    )
    payment = _payment_of(order, checkout, terms.provider, tx.now) if order.total_minor else None
    return Attempt(order, list(_lines_of(order_id, review)), payment, Actor.BUYER)


def _numbers_of(checkout: Checkout, terms: Terms) -> tuple[str, str]:
    """Which sequence numbers an order, and how its number begins."""
    return _SYNTHETIC_NUMBERS if checkout.is_synthetic else (checkout.channel_id, terms.order_prefix)


def _payment_of(order: Order, checkout: Checkout, provider: str, now: datetime) -> Payment:
    return Payment(
        id=uuid7(),
        order_id=order.id,
        provider=provider,
        method_id=checkout.payment_method_id,
        currency=order.currency,
        amount_minor=order.total_minor,
        token=checkout.payment_token,
        created_at=now,
    )


def _lines_of(order_id: UUID, review: Review) -> Sequence[OrderLine]:
    items = [line.item for line in review.basket.lines]
    return [
        OrderLine(
            id=uuid7(),
            order_id=order_id,
            position=position,
            variant_id=item.variant_id,
            product_id=item.product_id,
            sku=item.sku,
            title=item.title,
            options=item.options,
            product_slug=item.product_slug,
            image_url=item.image_url,
            quantity=item.quantity.steps,
            scale=item.quantity.scale,
            increment=item.quantity.increment,
            unit_code=item.quantity.unit_code,
            mass_grams=item.mass_grams,
            unit_price_minor=item.unit_price.amount_minor,
            discount_minor=item.discount.amount_minor,
            total_minor=item.total.amount_minor,
            tax_minor=tax_minor,
            tax_class=item.tax_class,
        )
        for position, (item, tax_minor) in enumerate(zip(items, review.totals.taxes.of_lines_minor, strict=True))
    ]


async def _checkout_of(tx: Tx, order: Order) -> Checkout:
    checkout = await tx.lock(Checkout, order.checkout_id)
    assert checkout is not None, "orders keep their checkout"
    return checkout
