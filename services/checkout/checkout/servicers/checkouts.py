"""CheckoutService: decode, call, encode."""

import hashlib
import time
from dataclasses import replace
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.money import Money
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import VersionMismatch
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.checkouts import actions as checking_out
from checkout.checkouts import contacts
from checkout.checkouts import model as checkouts
from checkout.checkouts import review as reviews
from checkout.checkouts import wire as checkout_messages
from checkout.checkouts.actions import Changes, Counter
from checkout.checkouts.cart import Basket
from checkout.checkouts.model import Checkout
from checkout.delivery import options as delivery
from checkout.delivery.options import MOST_WEIGHT_GRAMS, Goods
from checkout.errors import CartNotFound, CheckoutNotFound
from checkout.orders import view as order_views
from checkout.orders import wire as messages
from checkout.payments.provider import PaymentProvider
from checkout.placing import model as placements
from checkout.placing import place_order as placing
from checkout.placing.model import PlacingKey
from checkout.placing.place_order import Attempt, Expectation, Terms, Wish
from checkout.shop import Shop, patience, settled
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc

# How often a buyer may change a checkout while it is being completed.
_RACES: Final = 3


class CheckoutServicer(Servicer, pb_grpc.CheckoutServiceServicer):
    """A buyer's way from cart to order."""

    def __init__(self, database: Database, verifier: TokenVerifier, shop: Shop) -> None:
        super().__init__(database, verifier)
        self.shop = shop

    @write(needs_key=True)
    async def CreateCheckout(self, request: pb.CreateCheckoutRequest, call: Call) -> pb.Checkout:
        owner_id = call.caller.shopper_id
        cart_id = parse_id_or(request.cart_id, CartNotFound())
        mine = await self.shop.customers.email_of(owner_id) if call.caller.kind == "customer" and not request.email else ""
        given = self._email(request.email or mine)
        basket = await self.shop.parties.carts.basket(cart_id, owner_id=owner_id, access_token=call.access_token, email=given or "")
        # What the shopper typed here counts more than the cart's address, and that more than the account's.
        email = given if request.email or not basket.email else self._email(basket.email)
        provider = self._provider(call.caller)
        async with call.tx() as tx:
            lifetime = self.shop.settings.checkout_lifetime_seconds
            changes = replace(_changes(request), email=email)
            checkout, review = await checking_out.begin(
                tx, changes, counter=self._counter(basket, provider), caller=call.caller, lifetime_seconds=lifetime
            )
        return checkout_messages.reviewed(checkout, review, provider)

    @read()
    async def GetCheckout(self, request: pb.GetCheckoutRequest, call: Call) -> pb.Checkout:
        provider = self._provider(call.caller)
        async with call.read() as found:
            checkout = await checkouts.owned(found, parse_id_or(request.checkout_id, CheckoutNotFound()), call.caller)
            if checkout.has_order and checkout.order_id:
                return checkout_messages.ordered(checkout, await order_views.with_id(found, checkout.order_id), provider)
        if not checkout.is_open:
            return checkout_messages.closed(checkout, provider)
        return checkout_messages.reviewed(checkout, await self._review(checkout, call.access_token), provider)

    @write()
    async def UpdateCheckout(self, request: pb.UpdateCheckoutRequest, call: Call) -> pb.Checkout:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        provider = self._provider(call.caller)
        async with call.read() as found:
            checkout = await checkouts.owned(found, checkout_id, call.caller)
        checkout.require_open(self.database.clock.now())
        changes = _changes(request)
        if changes.email is not None:
            changes = replace(changes, email=contacts.email(changes.email, allows_test_domains=self._allows_test_domains))
        basket = await self._basket(checkout, call.access_token, changes.email)
        async with call.tx() as tx:
            checkout, review = await checking_out.change(
                tx, checkout_id, changes, counter=self._counter(basket, provider), caller=call.caller,
                expected_version=request.expected_version,
            )  # fmt: skip
        return checkout_messages.reviewed(checkout, review, provider)

    @write()
    async def CancelCheckout(self, request: pb.CancelCheckoutRequest, call: Call) -> pb.Checkout:
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        async with call.tx() as tx:
            checkout = await checking_out.cancel(tx, checkout_id, caller=call.caller)
        return checkout_messages.closed(checkout, self._provider(call.caller))

    @write(needs_key=True)
    async def CompleteCheckout(self, request: pb.CompleteCheckoutRequest, call: Call) -> pb.Order:
        began_at = time.perf_counter()
        checkout_id = parse_id_or(request.checkout_id, CheckoutNotFound())
        expected = _expected(request)
        digest = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        key = PlacingKey(call.caller.name, call.key, digest)
        for attempts_left in reversed(range(_RACES)):
            known = await self._order_or_checkout(key, checkout_id, call)
            if isinstance(known, UUID):
                call.answers_again()
                return await self._settled(known, call)
            expected.require_stated()
            try:
                begun = await self._begin(known, key, expected, call.access_token, began_at)
            except VersionMismatch:
                # A version that the buyer states is not looked for twice.
                if expected.version or not attempts_left:
                    raise
                continue
            if isinstance(begun, UUID):
                return await self._settled(begun, call)
            await self.shop.background.wait(begun.order.id, within=patience(self.shop, call))
            # What was committed as placed is known here; anything else is read.
            return messages.order_to_proto(begun.view) if begun.is_placed else await self._settled(begun.order.id, call)
        raise VersionMismatch("the checkout keeps changing")

    @read(public=True)
    async def EstimateDelivery(self, request: pb.EstimateDeliveryRequest, call: Call) -> pb.EstimateDeliveryResponse:
        channel = self.shop.settings.channel(request.channel)
        country = request.country.upper() or channel.countries[0]
        if country not in channel.countries:
            return pb.EstimateDeliveryResponse()
        goods = Goods(
            country=country, origin=channel.origin_country, weight_grams=_bounded_weight(request.mass_grams),
            subtotal_minor=request.subtotal.amount_minor,
            currency=request.subtotal.currency or "EUR",
        )  # fmt: skip
        options = delivery.options(goods, now=self.database.clock.now(), has_pickup=channel.pickup, tariffs=self.shop.tables.tariffs)
        return messages.estimate_to_proto(options, delivery.bounds(goods, tariffs=self.shop.tables.tariffs))

    def _counter(self, basket: Basket, provider: PaymentProvider) -> Counter:
        return Counter(basket, self.shop.settings.channel(basket.channel_id), provider.methods, self.shop.tables)

    def _provider(self, caller: Caller) -> PaymentProvider:
        """Where the caller pays: a synthetic shopper nowhere but in the simulator. Raises SyntheticPaymentsOff."""
        return self.shop.parties.providers.paying(is_synthetic=caller.is_synthetic)

    async def _settled(self, order_id: UUID, call: Call) -> pb.Order:
        return messages.order_to_proto(await settled(self.shop, order_id, call))

    async def _order_or_checkout(self, key: PlacingKey, checkout_id: UUID, call: Call) -> UUID | Checkout:
        """Returns the id of the order that the key made, or else the caller's checkout. Holds no connection when it returns."""
        async with call.read() as found:
            return await placements.order_of(found, key) or await checkouts.owned(found, checkout_id, call.caller)

    async def _begin(
        self, checkout: Checkout, key: PlacingKey, expected: Expectation, access_token: str, began_at: float
    ) -> Attempt | UUID:  # fmt: skip
        """What answers the call: a new order, now on its way, or the id of one that is there."""
        if checkout.has_order:
            review = None
        else:
            checkout.require_open(self.database.clock.now())
            review = await self._review(checkout, access_token)
        settings = self.shop.settings
        terms = Terms(
            settings.reservation_seconds,
            settings.resume_after_seconds,
            self.shop.parties.providers.paying(is_synthetic=checkout.is_synthetic).name,
            settings.channel(checkout.channel_id).order_prefix,
        )
        async with self.database.tx() as tx:
            begun = await placing.begin(tx, Wish(key, checkout.id, checkout.version, review, expected, terms))
        if isinstance(begun, UUID):
            return begun
        begun.began_at = began_at
        self._start(begun)
        return begun

    def _start(self, attempt: Attempt) -> None:
        first: list[Attempt] = [attempt]

        async def advance() -> None:
            # What is in memory is good for the first run only: later ones read what it left.
            await self.shop.saga.advance(attempt.order.id, first.pop() if first else None, actor=attempt.actor)

        self.shop.background.start(attempt.order.id, advance)

    @property
    def _allows_test_domains(self) -> bool:
        return self.shop.settings.environment == "development"

    def _email(self, text: str) -> str | None:
        """The address in its normal form; None for an empty text. Raises InvalidEmail."""
        return contacts.email(text, allows_test_domains=self._allows_test_domains) if text else None

    async def _basket(self, checkout: Checkout, access_token: str, email: str | None = None) -> Basket:
        email = checkout.email if email is None else email
        return await self.shop.parties.carts.basket(checkout.cart_id, owner_id=checkout.owner_id, access_token=access_token, email=email)

    async def _review(self, checkout: Checkout, access_token: str) -> reviews.Review:
        basket = await self._basket(checkout, access_token)
        channel = self.shop.settings.channel(checkout.channel_id)
        return reviews.of(checkout, basket, channel=channel, now=self.database.clock.now(), tables=self.shop.tables)


def _expected(request: pb.CompleteCheckoutRequest) -> Expectation:
    total = Money.from_proto(request.expected_total) if request.HasField("expected_total") else None
    return Expectation(total, request.expected_version)


def _changes(request: pb.UpdateCheckoutRequest | pb.CreateCheckoutRequest) -> Changes:
    def given(name: str) -> str | None:
        return str(getattr(request, name)) if request.HasField(name) else None  # type: ignore[arg-type]  # names of optional fields

    return Changes(
        email=given("email") if isinstance(request, pb.UpdateCheckoutRequest) else request.email or None,
        delivery_address=messages.address_from_proto(request.delivery_address) if request.HasField("delivery_address") else None,
        delivery_option_id=given("delivery_option_id"),
        payment_method_id=given("payment_method_id"),
        payment_token=given("payment_token"),
    )


def _bounded_weight(weight_grams: int) -> int:
    return max(0, min(weight_grams, MOST_WEIGHT_GRAMS))
