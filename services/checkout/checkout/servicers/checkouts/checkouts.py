"""CheckoutService."""

import time
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import VersionMismatch
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.checkouts import wire
from checkout.checkouts.actions import (
    CheckoutContext,
    cancel_checkout,
    create_checkout,
    draft_checkout,
    review_changes,
    update_checkout,
)
from checkout.checkouts.cart import CartForOrder
from checkout.checkouts.model import Checkout, CheckoutChanges, CheckoutStatus
from checkout.checkouts.queries import get_checkout
from checkout.checkouts.review import Review
from checkout.checkouts.usual_choices import choose_saved_method
from checkout.delivery.options import estimate_delivery
from checkout.delivery.wire import estimate_to_proto, goods_from_proto
from checkout.errors.checkouts import CartNotFound, CheckoutNotFound
from checkout.errors.delivery import UnknownPickupLocation
from checkout.errors.saved_payments import SavedPaymentMethodNotFound
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.shares import AppliedGiftCards
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.loyalty.model import EarningTerms
from checkout.orders.messages import order_to_proto
from checkout.orders.queries import get_order
from checkout.placing.model import Attempt, Expectation, OrderTerms, PlaceOrder
from checkout.placing.place_order import complete_checkout
from checkout.placing.queries import find_keyed_order
from checkout.saved_payments.model import NO_MEANS, PaymentMeans, SavedMethodStatus
from checkout.saved_payments.queries import get_saved_method
from checkout.saved_payments.saved import require_account
from checkout.servicers.checkouts.reviews import CheckoutReviews, gift_cards_of, wanted_method
from checkout.servicers.waits import Patience, wait_for_order
from checkout.vat_ids.model import VatIdCheck, VatIdStatus, normalize_vat_id
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc

# How often CompleteCheckout reviews a checkout that its buyer keeps changing.
_RACES: Final = 3


@dataclass(frozen=True, slots=True)
class Completion:
    """A call that completes a checkout; `cart` is that of a draft order, None for the cart now."""

    checkout_id: UUID
    expected: Expectation
    key: IdempotencyKey
    cart: CartForOrder | None = None


@dataclass(frozen=True, slots=True)
class NewCheckout:
    """The input of a new checkout; `draft` is without the changes, and not inserted."""

    changes: CheckoutChanges
    context: CheckoutContext
    draft: Checkout


class CheckoutServicer(Servicer, pb_grpc.CheckoutServiceServicer):
    """Checkouts of the caller, and delivery estimates."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components, self._settings, self._participants = (
            components,
            components.settings,
            components.participants,
        )
        self._reviews = CheckoutReviews(components)

    @write(needs_key=True, delegated=True)
    async def CreateCheckout(self, request: pb.CreateCheckoutRequest, call: Call) -> pb.Checkout:
        new = await self.prepare(request, call)
        changes = await self._with_default_method(new, call)
        async with call.tx() as tx:
            checkout, review = await create_checkout(
                tx,
                changes,
                new.context,
                caller=call.caller,
                lifetime_seconds=self._settings.checkout_lifetime_seconds,
            )
        return wire.open_to_proto(checkout, review)

    async def prepare(self, request: pb.CreateCheckoutRequest, call: Call) -> NewCheckout:
        """Returns what a new checkout depends on. Ask without a connection out."""
        owner_id = call.caller.shopper_id
        cart_id = parse_id_or(request.cart_id, CartNotFound())
        is_unnamed_customer = call.caller.kind == "customer" and not request.email
        profile_email = (
            await self._components.customers.email_of(owner_id) if is_unnamed_customer else ""
        )
        email = self._normalize(request.email or profile_email)
        cart = await self._participants.carts.get_cart_for_order(
            cart_id, owner_id=owner_id, access_token=call.access_token, email=email or ""
        )
        # The typed address wins over that of the cart, and that over the profile's.
        if not request.email and cart.email:
            email = self._normalize(cart.email)
        changes = replace(wire.changes_from_proto(request), email=email)
        changes = await self._with_vat_id(await self._with_store(changes, cart), cart)
        changes = await self._with_saved_method(changes, call)
        context = await self._reviews.context(cart, call.caller, wanted=wanted_method(changes))
        lifetime, now = self._settings.checkout_lifetime_seconds, self.database.clock.now()
        draft = draft_checkout(cart, call.caller, now, lifetime_seconds=lifetime)
        context = await self._reviews.with_taxes(context, changes, draft)
        return NewCheckout(changes, context, draft)

    @read(delegated=True)
    async def GetCheckout(self, request: pb.GetCheckoutRequest, call: Call) -> pb.Checkout:
        async with call.read() as found:
            checkout = await get_checkout(found, _checkout_id(request.checkout_id), call.caller)
            if checkout.has_order and checkout.order_id:
                return wire.ordered_to_proto(checkout, await get_order(found, checkout.order_id))
            cards = await gift_cards_of(found, checkout)
        if not checkout.is_open:
            return wire.bare_to_proto(checkout)
        return wire.open_to_proto(checkout, await self._reviews.review(checkout, call, cards))

    @write(delegated=True)
    async def UpdateCheckout(self, request: pb.UpdateCheckoutRequest, call: Call) -> pb.Checkout:
        checkout_id = _checkout_id(request.checkout_id)
        async with call.read() as found:
            checkout = await get_checkout(found, checkout_id, call.caller)
        checkout.require_open(self.database.clock.now())
        changes = wire.changes_from_proto(request)
        if changes.email:
            changes = replace(
                changes,
                email=normalize_email(changes.email, allows_test_domains=self._allows_test_domains),
            )
        if changes.gift_card_deliveries:
            changes = replace(
                changes,
                gift_card_deliveries=tuple(
                    self._with_email(each) for each in changes.gift_card_deliveries
                ),
            )
        cart = await self._reviews.cart(
            checkout, call.access_token, checkout.email if changes.email is None else changes.email
        )
        changes = await self._with_store(changes, cart)
        changes = await self._with_vat_id(changes, cart, known=checkout.vat_id)
        changes = await self._with_saved_method(changes, call)
        context = await self._reviews.context(
            cart,
            call.caller,
            expected_version=request.expected_version,
            wanted=wanted_method(changes),
        )
        context = await self._reviews.with_taxes(context, changes, checkout)
        async with call.tx() as tx:
            checkout, review = await update_checkout(
                tx, checkout_id, changes, context, caller=call.caller
            )
        return wire.open_to_proto(checkout, review)

    @write(delegated=True)
    async def CancelCheckout(self, request: pb.CancelCheckoutRequest, call: Call) -> pb.Checkout:
        async with call.tx() as tx:
            checkout = await cancel_checkout(
                tx, _checkout_id(request.checkout_id), caller=call.caller
            )
        return wire.bare_to_proto(checkout)

    @write(needs_key=True, delegated=True)
    async def CompleteCheckout(self, request: pb.CompleteCheckoutRequest, call: Call) -> pb.Order:
        key = IdempotencyKey(call.caller.name, call.key, fingerprint_of(request))
        expected = wire.expectation_from_proto(request)
        wish = Completion(_checkout_id(request.checkout_id), expected, key)
        return await self.complete(wish, call)

    async def complete(self, wish: Completion, call: Call) -> pb.Order:
        """Places the order of a checkout, and waits for it.

        Raises what `complete_checkout` raises, and the refusal of the order.
        """
        started_at, expected = time.perf_counter(), wish.expected
        patience = Patience(self._settings.complete_wait_seconds, call)
        for attempts_left in reversed(range(_RACES)):
            found = await self._find_order_or_checkout(wish.key, wish.checkout_id, call)
            if isinstance(found, UUID):
                call.answers_again()
                return await self._wait_for_order(found, call, patience)
            expected.require_stated()
            try:
                placed = await self._place(*found, wish, call)
            except VersionMismatch:
                # A version that the buyer states cannot match later.
                if expected.version or not attempts_left:
                    raise
                continue
            if isinstance(placed, UUID):
                return await self._wait_for_order(placed, call, patience)
            return await self._advance(placed, call, patience, started_at)
        raise VersionMismatch("the checkout keeps changing: try again")

    @read(public=True, delegated=True)
    async def EstimateDelivery(
        self, request: pb.EstimateDeliveryRequest, call: Call
    ) -> pb.EstimateDeliveryResponse:
        channel = self._settings.channel(request.channel)
        country = request.country.upper() or channel.countries[0]
        if country not in channel.countries:
            return pb.EstimateDeliveryResponse()
        goods = goods_from_proto(
            request,
            country=country,
            origin=channel.origin_country,
            channel=request.channel or self._settings.default_channel,
        )
        return estimate_to_proto(
            estimate_delivery(
                goods,
                now=self.database.clock.now(),
                has_pickup=channel.pickup,
                table=await self._components.delivery.current(),
                locale=request.locale,
            )
        )

    async def _find_order_or_checkout(
        self, key: IdempotencyKey, checkout_id: UUID, call: Call
    ) -> UUID | tuple[Checkout, AppliedGiftCards]:
        """Returns the id of the key's order, or else the caller's checkout with its gift cards.

        Holds no connection when it returns.
        """
        async with call.read() as found:
            if order_id := await find_keyed_order(found, key):
                return order_id
            checkout = await get_checkout(found, checkout_id, call.caller)
            return checkout, await gift_cards_of(found, checkout)

    async def _place(
        self,
        checkout: Checkout,
        gift_cards: AppliedGiftCards,
        wish: Completion,
        call: Call,
    ) -> Attempt | UUID:
        """Returns a new order, or the id of the existing one."""
        review, means = None, NO_MEANS
        if not checkout.has_order:
            checkout.require_open(self.database.clock.now())
            review = await self._reviews.review(checkout, call, gift_cards, cart=wish.cart)
            means = await self._means_of(checkout, review, call)
        terms = OrderTerms(
            self._settings.reservation_seconds,
            self._settings.resume_after_seconds,
            self._settings.channel(checkout.channel_id).order_prefix,
            self._settings.transfer_days,
            await self._earning_of(checkout),
        )
        async with self.database.tx() as tx:
            place = PlaceOrder(
                wish.key,
                checkout.id,
                checkout.version,
                review,
                wish.expected,
                terms,
                call.caller,
                means,
            )
            return await complete_checkout(tx, place)

    async def _earning_of(self, checkout: Checkout) -> EarningTerms | None:
        """Returns what an order of a checkout earns a buyer who has an account by then."""
        table = await self._components.loyalty.current()
        rule = table.find(checkout.channel_id, checkout.currency)
        return rule.earning if rule else None

    async def _advance(
        self, attempt: Attempt, call: Call, patience: Patience, started_at: float
    ) -> pb.Order:
        """Advances a new order in the background, and waits for it."""
        attempt.started_at = started_at
        in_memory: list[Attempt] = [attempt]

        async def advance() -> None:
            # The attempt in memory is valid for the first run; a retry reads the order again.
            await self._components.saga.advance(
                attempt.order.id, in_memory.pop() if in_memory else None, actor=attempt.actor
            )

        self._components.background.start(attempt.order.id, advance)
        await self._components.background.wait(attempt.order.id, within=patience.seconds_left)
        if attempt.is_placed:
            return order_to_proto(attempt.view)
        return await self._wait_for_order(attempt.order.id, call, patience)

    async def _wait_for_order(self, order_id: UUID, call: Call, patience: Patience) -> pb.Order:
        return order_to_proto(await wait_for_order(self._components, order_id, call, patience))

    async def _means_of(self, checkout: Checkout, review: Review, call: Call) -> PaymentMeans:
        """Returns what a checkout that can be completed is charged with; nothing for another."""
        if review.status is not CheckoutStatus.READY_FOR_COMPLETE or not review.due_minor:
            return NO_MEANS
        return await self._components.saved_payments.means_of(checkout, review.method, call.caller)

    async def _with_default_method(self, new: NewCheckout, call: Call) -> CheckoutChanges:
        """Returns the changes of a new checkout with the customer's default saved method."""
        saved = await self._components.saved_payments.find_default(call.caller)
        if not saved:
            return new.changes
        now = self.database.clock.now()
        review = review_changes(new.changes, new.draft, new.context, now)
        return choose_saved_method(new.changes, review, saved, now)

    async def _with_saved_method(self, changes: CheckoutChanges, call: Call) -> CheckoutChanges:
        """Returns the changes with the saved method that they name.

        Raises SavedPaymentMethodNotFound, and PaymentMethodNotSavable for a consent of anybody but
        the customer.
        """
        if changes.saves_payment_method:
            require_account(call.caller)
        if changes.saved_method_id is None:
            return changes
        if call.caller.kind != "customer":
            raise SavedPaymentMethodNotFound
        async with self.database.read() as found:
            saved, _ = await get_saved_method(
                found, changes.saved_method_id, call.caller.shopper_id
            )
        if saved.status is not SavedMethodStatus.ACTIVE:
            raise SavedPaymentMethodNotFound
        return replace(changes, saved_method=saved)

    async def _with_store(self, changes: CheckoutChanges, cart: CartForOrder) -> CheckoutChanges:
        """Returns the changes with the store that they name.

        Raises UnknownPickupLocation, PickupUnavailable.
        """
        if not changes.pickup_location:
            return changes
        store = await self._components.stores.find_store(changes.pickup_location, cart)
        if store.country not in self._settings.channel(cart.channel_id).countries:
            raise UnknownPickupLocation(pickup_location=store.code)
        return replace(changes, pickup_store=store)

    async def _with_vat_id(
        self, changes: CheckoutChanges, cart: CartForOrder, *, known: VatIdCheck | None = None
    ) -> CheckoutChanges:
        """Returns the changes with what the authority says of a VAT id that is set.

        One that is `known` without an answer is asked for again. Raises InvalidVatId.
        """
        if changes.vat_id is None and known and known.status is VatIdStatus.UNCONFIRMED:
            changes = replace(changes, vat_id=known.vat_id)
        if not changes.vat_id:
            return changes
        vat_id = normalize_vat_id(changes.vat_id)
        settings = (await self._components.taxes.current()).settings_of(cart.channel_id)
        check = await self._components.vat_ids.check(vat_id, settings.seller_vat_id)
        return replace(changes, vat_id=vat_id, vat_id_check=check)

    @property
    def _allows_test_domains(self) -> bool:
        return self._settings.environment == "development"

    def _with_email(self, delivery: GiftCardDelivery) -> GiftCardDelivery:
        """Returns a delivery with its address in its normal form. Raises InvalidEmail."""
        email = normalize_email(delivery.email, allows_test_domains=self._allows_test_domains)
        return replace(delivery, email=email)

    def _normalize(self, email: str) -> str | None:
        """Returns an address in its normal form; None for an empty text. Raises InvalidEmail."""
        return (
            normalize_email(email, allows_test_domains=self._allows_test_domains) if email else None
        )


def _checkout_id(text: str) -> UUID:
    return parse_id_or(text, CheckoutNotFound())
