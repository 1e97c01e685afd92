"""Use cases of checkouts before their completion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from chassis.data import timers
from chassis.data.tx import Tx
from chassis.line_item import ItemKind
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import uuid7
from checkout.checkouts import events
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.choose_payment import choose_payment
from checkout.checkouts.contacts import normalize_billing_address, normalize_delivery_address
from checkout.checkouts.model import EXPIRE_CHECKOUT, Checkout, CheckoutChanges, CheckoutStatus
from checkout.checkouts.queries import lock_checkout
from checkout.checkouts.review import SEEDED, PriceTables, Review, review_checkout
from checkout.contact_points import contact_of
from checkout.errors.checkouts import CheckoutNotOpen, SyntheticMismatch
from checkout.errors.delivery import UnknownDeliveryOption
from checkout.errors.gift_cards import (
    GiftCardNotFound,
    GiftCardNotUsable,
    InvalidGiftCardDelivery,
    TooManyGiftCards,
)
from checkout.gift_cards.deliveries import FARTHEST, GiftCardDelivery
from checkout.gift_cards.model import GiftCard
from checkout.gift_cards.queries import (
    find_applied_gift_cards,
    get_gift_card,
    get_gift_card_settings,
)
from checkout.gift_cards.shares import NO_GIFT_CARDS, AppliedGiftCards
from checkout.gift_messages.model import require_of_lines
from checkout.payment_methods.offers import PaymentOffers
from checkout.settings import ChannelSettings
from checkout.taxes.calculation import Calculator


@dataclass(frozen=True, slots=True)
class CheckoutContext:
    """The cart as it is now, and the choices of the shop.

    `expected_version` of the checkout is what the caller saw, 0 for any.
    """

    cart: CartForOrder
    channel: ChannelSettings
    offers: PaymentOffers
    tables: PriceTables = SEEDED
    expected_version: int = 0

    def calculating(self, calculate: Calculator) -> "CheckoutContext":
        """Returns the context with another calculation of taxes."""
        return replace(self, tables=replace(self.tables, calculate=calculate))


async def create_checkout(
    tx: Tx,
    changes: CheckoutChanges,
    context: CheckoutContext,
    *,
    caller: Caller,
    lifetime_seconds: int,
) -> tuple[Checkout, Review]:
    """Inserts a checkout of the context's cart with the buyer's first choices.

    Emits CheckoutStarted.

    Raises CartEmpty, CartNotOpen, SyntheticMismatch, InvalidAddress, UnknownDeliveryOption,
    UnknownPaymentMethod, InvalidPaymentToken, CardDataRefused.
    """
    cart = context.cart
    cart.require_orderable()
    if cart.is_synthetic is not caller.is_synthetic:
        raise SyntheticMismatch
    checkout = draft_checkout(cart, caller, tx.now, lifetime_seconds=lifetime_seconds)
    review = _apply(changes, checkout, context, tx.now)
    tx.deferred.insert(checkout)
    await timers.schedule(tx, EXPIRE_CHECKOUT, str(checkout.id), checkout.expires_at)
    await tx.emit(
        events.checkout_started(checkout), key=checkout.id, synthetic=checkout.is_synthetic
    )
    return checkout, review


def draft_checkout(
    cart: CartForOrder, caller: Caller, now: datetime, *, lifetime_seconds: int
) -> Checkout:
    """Returns a new checkout of a cart, not inserted yet."""
    placed_by, placed_via = contact_of(caller)
    return Checkout(
        id=uuid7(),
        owner_id=cart.owner_id,
        owner_kind=caller.kind,
        organization_id=caller.organization_id,
        channel_id=cart.channel_id,
        cart_id=cart.cart_id,
        currency=cart.currency,
        locale=cart.locale,
        is_synthetic=caller.is_synthetic,
        placed_by=placed_by,
        placed_via=placed_via,
        created_at=now,
        expires_at=now + timedelta(seconds=lifetime_seconds),
    )


def review_changes(
    changes: CheckoutChanges, checkout: Checkout, context: CheckoutContext, now: datetime
) -> Review:
    """Returns the review that changes of a checkout would lead to; the checkout stays as it is.

    It is without gift cards, and chooses no payment method: prices and taxes do not depend on them.
    """
    changed = checkout.copy_row()
    _set_delivery(changes, changed, context)
    return _review(changed, context, now, NO_GIFT_CARDS)


async def update_checkout(
    tx: Tx, checkout_id: UUID, changes: CheckoutChanges, context: CheckoutContext, *, caller: Caller
) -> tuple[Checkout, Review]:
    """Changes an open checkout.

    Raises CheckoutNotFound, CheckoutNotOpen, VersionMismatch, InvalidAddress,
    UnknownDeliveryOption, UnknownPaymentMethod, InvalidPaymentToken, CardDataRefused.
    """
    checkout = await _lock_changeable(tx, checkout_id, context, caller)
    cards = await find_applied_gift_cards(tx, checkout.gift_card_ids, checkout.channel_id)
    review = _apply(changes, checkout, context, tx.now, cards)
    await tx.update(checkout)
    return checkout, review


async def apply_gift_card(
    tx: Tx, checkout_id: UUID, gift_card_id: UUID, context: CheckoutContext, *, caller: Caller
) -> tuple[Checkout, Review]:
    """Lets a card pay of an open checkout, after those that it has. A repeat changes nothing.

    Raises CheckoutNotFound, CheckoutNotOpen, VersionMismatch, GiftCardNotFound, GiftCardNotUsable,
    TooManyGiftCards.
    """
    checkout = await _lock_changeable(tx, checkout_id, context, caller)
    is_new = gift_card_id not in checkout.gift_card_ids
    if is_new:
        card = await get_gift_card(tx, gift_card_id)
        _require_usable(card, checkout, tx.now)
        settings = await get_gift_card_settings(tx, checkout.channel_id)
        there = await find_applied_gift_cards(tx, checkout.gift_card_ids, checkout.channel_id)
        with_code = sum(not each.is_store_credit for each in there.cards)
        if not card.is_store_credit and with_code >= settings.most_cards:
            raise TooManyGiftCards(most=settings.most_cards)
        if not settings.pays_gift_cards and context.cart.is_of_gift_cards:
            raise GiftCardNotUsable(
                "gift cards do not pay for gift cards here", problem="only_gift_cards"
            )
        checkout.gift_card_ids = [*checkout.gift_card_ids, gift_card_id]
    cards = await find_applied_gift_cards(tx, checkout.gift_card_ids, checkout.channel_id)
    review = _apply(CheckoutChanges(), checkout, context, tx.now, cards)
    if is_new:
        await tx.update(checkout)
    return checkout, review


async def remove_gift_card(
    tx: Tx, checkout_id: UUID, gift_card_id: UUID, context: CheckoutContext, *, caller: Caller
) -> tuple[Checkout, Review]:
    """Takes a card out of an open checkout. Idempotent.

    Raises CheckoutNotFound, CheckoutNotOpen, VersionMismatch.
    """
    checkout = await _lock_changeable(tx, checkout_id, context, caller)
    was_there = gift_card_id in checkout.gift_card_ids
    checkout.gift_card_ids = [each for each in checkout.gift_card_ids if each != gift_card_id]
    cards = await find_applied_gift_cards(tx, checkout.gift_card_ids, checkout.channel_id)
    review = _apply(CheckoutChanges(), checkout, context, tx.now, cards)
    if was_there:
        await tx.update(checkout)
    return checkout, review


async def cancel_checkout(tx: Tx, checkout_id: UUID, *, caller: Caller) -> Checkout:
    """Cancels a checkout.

    Idempotent. Raises CheckoutNotFound, and CheckoutNotOpen if an order of it is placed or in
    progress.
    """
    checkout = await lock_checkout(tx, checkout_id)
    checkout.require_owner(caller)
    if checkout.status is CheckoutStatus.CANCELED:
        return checkout
    if not checkout.is_open:
        raise CheckoutNotOpen(status=checkout.status)
    checkout.cancel()
    await tx.update(checkout)
    await timers.cancel(tx, EXPIRE_CHECKOUT, str(checkout.id))
    return checkout


async def expire_checkout(tx: Tx, checkout_id: UUID) -> None:
    """Cancels an open checkout whose time is over.

    Ignores one with an order in progress: its refusal sets the timer again.
    """
    checkout = await tx.lock(Checkout, checkout_id)
    if checkout is not None and checkout.is_open and checkout.expires_at <= tx.now:
        checkout.cancel()
        await tx.update(checkout)


async def _lock_changeable(
    tx: Tx, checkout_id: UUID, context: CheckoutContext, caller: Caller
) -> Checkout:
    """Raises CheckoutNotFound, VersionMismatch, CheckoutNotOpen."""
    checkout = await lock_checkout(tx, checkout_id)
    checkout.require_owner(caller)
    if context.expected_version and context.expected_version != checkout.version:
        raise VersionMismatch("the checkout changed: read it again")
    checkout.require_open(tx.now)
    return checkout


def _require_usable(card: GiftCard, checkout: Checkout, now: datetime) -> None:
    """Raises GiftCardNotUsable. Synthetic shoppers pay with the simulator alone.

    Raises GiftCardNotFound for store credit of another customer.
    """
    if card.is_store_credit and card.owner_id != checkout.owner_id:
        raise GiftCardNotFound
    if problem := card.problem(now):
        raise GiftCardNotUsable(f"the gift card is {problem}", problem=problem)
    if card.currency != checkout.currency:
        raise GiftCardNotUsable(
            f"the gift card is in {card.currency}", problem="currency", currency=card.currency
        )
    if checkout.is_synthetic:
        raise GiftCardNotUsable("a synthetic shopper has no gift cards", problem="synthetic")


def _apply(
    changes: CheckoutChanges,
    checkout: Checkout,
    context: CheckoutContext,
    now: datetime,
    gift_cards: AppliedGiftCards = NO_GIFT_CARDS,
) -> Review:
    _set_delivery(changes, checkout, context)
    if changes.gift_card_deliveries is not None:
        _require_deliverable(changes.gift_card_deliveries, context.cart, now)
        checkout.gift_card_deliveries = list(changes.gift_card_deliveries)
    if changes.gift_messages is not None:
        delivered = {line.id for line in context.cart.lines if line.item.needs_delivery}
        require_of_lines(changes.gift_messages, delivered)
        checkout.gift_messages = list(changes.gift_messages)
    review = _review(checkout, context, now, gift_cards)
    wanted = changes.delivery_option_id
    if wanted and (review.chosen is None or review.chosen.id != wanted):
        raise UnknownDeliveryOption
    if review.chosen is None:
        # A new address may not have the option that was chosen for the old one.
        checkout.delivery_option_id = ""
    # The methods depend on the total, and so on the address and the delivery option.
    choose_payment(checkout, changes, review.methods)
    review = review.with_payment_of(checkout)
    checkout.become(review.status)
    checkout.reviewed_total_minor = review.totals.total_minor
    checkout.reviewed_due_minor = review.due_minor
    return review


def _require_deliverable(
    deliveries: Sequence[GiftCardDelivery], cart: CartForOrder, now: datetime
) -> None:
    """Raises InvalidGiftCardDelivery for one of no gift card of the cart, or of too many."""
    left = {
        line.id: line.item.quantity.pieces
        for line in cart.lines
        if line.item.kind is ItemKind.GIFT_CARD
    }
    for index, delivery in enumerate(deliveries):
        path = f"gift_card_deliveries.deliveries[{index}]"
        if delivery.line_id not in left:
            raise InvalidGiftCardDelivery(path=f"{path}.line_id", problem="no gift card")
        left[delivery.line_id] -= 1
        if left[delivery.line_id] < 0:
            problem = "more deliveries than the line has cards"
            raise InvalidGiftCardDelivery(path=f"{path}.line_id", problem=problem)
        if delivery.send_at and delivery.send_at > now + FARTHEST:
            raise InvalidGiftCardDelivery(path=f"{path}.send_at", problem="more than a year ahead")


def _set_delivery(changes: CheckoutChanges, checkout: Checkout, context: CheckoutContext) -> None:
    if changes.email is not None:
        checkout.email = changes.email
    if changes.delivery_address is not None:
        # An address without any field clears the one before.
        typed, countries = changes.delivery_address, context.channel.countries
        checkout.delivery_address = (
            normalize_delivery_address(typed, countries=countries) if any(typed.values()) else None
        )
    if changes.billing_address is not None:
        checkout.billing_address = _billing_address(changes.billing_address, checkout, context)
    if changes.vat_id is not None:
        checkout.vat_id = changes.vat_id_check
    if changes.pickup_location is not None:
        checkout.pickup_store = changes.pickup_store
    if changes.delivery_option_id is not None:
        checkout.delivery_option_id = changes.delivery_option_id
    if changes.splits_shipments is not None:
        checkout.splits_shipments = changes.splits_shipments


def _billing_address(
    typed: Mapping[str, str], checkout: Checkout, context: CheckoutContext
) -> dict[str, str] | None:
    """Returns the address in its normal form; None for one without any field.

    Where it is the only one, the order is taxed there: the channel must sell there. Raises
    InvalidAddress.
    """
    if not any(typed.values()):
        return None
    is_only = not context.cart.needs_delivery and not checkout.delivery_address
    return normalize_billing_address(
        typed, countries=context.channel.countries if is_only else None
    )


def _review(
    checkout: Checkout, context: CheckoutContext, now: datetime, gift_cards: AppliedGiftCards
) -> Review:
    return review_checkout(
        checkout,
        context.cart,
        channel=context.channel,
        now=now,
        offers=context.offers,
        tables=context.tables,
        gift_cards=gift_cards,
    )
