"""CheckoutService."""

import time
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import Caller, TokenVerifier
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
from checkout.checkouts.model import Checkout, CheckoutChanges
from checkout.checkouts.queries import get_checkout
from checkout.checkouts.review import Review, review_checkout
from checkout.delivery.options import estimate_delivery
from checkout.delivery.wire import estimate_to_proto, goods_from_proto
from checkout.errors import CartNotFound, CheckoutNotFound, UnknownPickupLocation
from checkout.gift_cards.deliveries import GiftCardDelivery
from checkout.gift_cards.queries import find_applied_gift_cards
from checkout.gift_cards.shares import NO_GIFT_CARDS, AppliedGiftCards
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.orders.messages import order_to_proto
from checkout.orders.queries import get_order
from checkout.placing.model import Attempt, Expectation, OrderTerms, PlaceOrder
from checkout.placing.place_order import complete_checkout
from checkout.placing.queries import find_keyed_order
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


class CheckoutReviews:
    """Prices checkouts now. Ask without a connection out."""

    def __init__(self, components: Components) -> None:
        self._components, self._settings = components, components.settings

    async def cart(self, checkout: Checkout, access_token: str, email: str) -> CartForOrder:
        """Returns the cart of a checkout, priced for an e-mail address."""
        return await self._components.participants.carts.get_cart_for_order(
            checkout.cart_id, owner_id=checkout.owner_id, access_token=access_token, email=email
        )

    async def context(
        self,
        cart: CartForOrder,
        caller: Caller,
        *,
        expected_version: int = 0,
        offers_credit: bool = True,
    ) -> CheckoutContext:
        """Returns what a change of a checkout depends on.

        Without `offers_credit` no invoice is offered: who holds a mailed link only may not owe.
        """
        channel, tables = self._settings.channel(cart.channel_id), await self._components.tables()
        offers = await self._components.payment_offers(caller)
        if offers_credit and offers.has_invoices and caller.kind == "customer":
            credit = await self._components.credits.find(
                cart.owner_id, caller.organization_id, cart.currency
            )
            offers = replace(offers, credit=credit)
        return CheckoutContext(cart, channel, offers, tables, expected_version)

    async def review(
        self,
        checkout: Checkout,
        call: Call,
        gift_cards: AppliedGiftCards = NO_GIFT_CARDS,
        *,
        cart: CartForOrder | None = None,
    ) -> Review:
        """Returns the review of an open checkout with its gift cards.

        Its cart is priced now, unless that of a draft order is given: then no invoice is offered.
        """
        offers_credit = cart is None
        cart = cart or await self.cart(checkout, call.access_token, checkout.email)
        context = await self.context(cart, call.caller, offers_credit=offers_credit)
        context = await self.with_taxes(context, CheckoutChanges(), checkout)
        return review_checkout(
            checkout,
            cart,
            channel=context.channel,
            now=self._components.participants.clock.now(),
            offers=context.offers,
            tables=context.tables,
            gift_cards=gift_cards,
        )

    async def with_taxes(
        self, context: CheckoutContext, changes: CheckoutChanges, checkout: Checkout
    ) -> CheckoutContext:
        """Returns the context with the answers of the tax provider, if the channel has one.

        They are those for the checkout after the changes. Raises TaxProviderUnavailable.
        """
        now = self._components.participants.clock.now()
        calculate = await self._components.tax_calculations.prepare(
            context.tables.taxes.settings_of(checkout.channel_id),
            lambda calculate: review_changes(
                changes, checkout, context.calculating(calculate), now
            ),
            is_synthetic=checkout.is_synthetic,
        )
        return context.calculating(calculate)


async def gift_cards_of(read: Read, checkout: Checkout) -> AppliedGiftCards:
    """Returns the gift cards of a checkout."""
    return await find_applied_gift_cards(read, checkout.gift_card_ids, checkout.channel_id)


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
        context = await self._reviews.context(cart, call.caller)
        lifetime, now = self._settings.checkout_lifetime_seconds, self.database.clock.now()
        draft = draft_checkout(cart, call.caller, now, lifetime_seconds=lifetime)
        context = await self._reviews.with_taxes(context, changes, draft)
        async with call.tx() as tx:
            checkout, review = await create_checkout(
                tx,
                changes,
                context,
                caller=call.caller,
                lifetime_seconds=lifetime,
            )
        return wire.open_to_proto(checkout, review)

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
        context = await self._reviews.context(
            cart, call.caller, expected_version=request.expected_version
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
        if checkout.has_order:
            review = None
        else:
            checkout.require_open(self.database.clock.now())
            review = await self._reviews.review(checkout, call, gift_cards, cart=wish.cart)
        terms = OrderTerms(
            self._settings.reservation_seconds,
            self._settings.resume_after_seconds,
            self._settings.channel(checkout.channel_id).order_prefix,
            self._settings.transfer_days,
        )
        async with self.database.tx() as tx:
            place = PlaceOrder(
                wish.key, checkout.id, checkout.version, review, wish.expected, terms, call.caller
            )
            return await complete_checkout(tx, place)

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
