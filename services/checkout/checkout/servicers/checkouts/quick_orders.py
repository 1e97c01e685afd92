"""QuickOrderService."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.data.idempotency import claim_key, find_reply, store_reply
from chassis.money import Money
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Refused
from chassis.rpc.server import Call, Servicer, write
from checkout.checkouts import wire
from checkout.checkouts.actions import create_checkout, review_changes
from checkout.checkouts.contacts import normalize_delivery_address
from checkout.checkouts.queries import find_usual_choices
from checkout.checkouts.usual_choices import (
    choose_delivery,
    choose_payment,
    choose_saved_method,
)
from checkout.crashes import crash_point
from checkout.errors.checkouts import InvalidAddress
from checkout.guests.queries import find_buyer_ids
from checkout.idempotency import IdempotencyKey, fingerprint_of
from checkout.orders.model import Order
from checkout.placing.model import Expectation
from checkout.placing.queries import find_keyed_order
from checkout.servicers.checkouts.checkouts import CheckoutServicer, Completion, NewCheckout
from checkout.servicers.checkouts.reviews import CheckoutReviews
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import quick_orders_pb2 as pb
from sojourn.checkout.v1 import quick_orders_pb2_grpc as pb_grpc

_GIVEN: Final = (
    "delivery_option_id",
    "payment_method_id",
    "payment_token",
    "return_url",
    "saved_payment_method_id",
    "save_payment_method",
)


class QuickOrderServicer(Servicer, pb_grpc.QuickOrderServiceServicer):
    """Orders in one call: a checkout with the shopper's usual choices, begun and completed.

    The commit that begins the checkout stores its id under the key. A repeat completes that
    checkout, so that a call that ended anywhere goes on.
    """

    def __init__(
        self,
        database: Database,
        verifier: TokenVerifier,
        components: Components,
        checkouts: CheckoutServicer,
    ) -> None:
        super().__init__(database, verifier)
        self._components, self._checkouts = components, checkouts
        self._reviews = CheckoutReviews(components)

    @write(needs_key=True, delegated=True)
    async def PlaceQuickOrder(
        self, request: pb.PlaceQuickOrderRequest, call: Call
    ) -> checkout_pb2.Order:
        key = IdempotencyKey(call.caller.name, call.key, fingerprint_of(request))
        checkout_id = await self._find_checkout(key, call)
        if checkout_id is None:
            checkout_id = await self._begin_checkout(request, key, call)
        expected = Expectation(Money.from_proto(request.expected_total))
        try:
            return await self._checkouts.complete(Completion(checkout_id, expected, key), call)
        except Refused as refusal:
            # The checkout is there: the buyer goes on with it.
            refusal.metadata["checkout_id"] = str(checkout_id)
            raise

    async def _find_checkout(self, key: IdempotencyKey, call: Call) -> UUID | None:
        """Returns the checkout of a call with the key, or None. Raises KeyReused."""
        async with call.read() as found:
            if order_id := await find_keyed_order(found, key):
                order = await found.get(Order, order_id)
                return order.checkout_id if order else None
            claimed = await find_reply(found, caller=key.caller, method=call.method, key=key.key)
        return _checkout_of(key, claimed) if claimed else None

    async def _begin_checkout(
        self, request: pb.PlaceQuickOrderRequest, key: IdempotencyKey, call: Call
    ) -> UUID:
        """Inserts a checkout with the usual choices and returns its id; that of a twin wins."""
        new = await self._choose(await self._prepare(request, call), call)
        async with call.tx(stores_reply=False) as tx:
            claimed = await claim_key(
                tx,
                caller=key.caller,
                method=call.method,
                key=key.key,
                fingerprint=key.fingerprint,
            )
            if claimed:
                checkout_id = _checkout_of(key, claimed)
            else:
                checkout, _ = await create_checkout(
                    tx,
                    new.changes,
                    new.context,
                    caller=call.caller,
                    lifetime_seconds=self._components.settings.checkout_lifetime_seconds,
                )
                checkout_id = checkout.id
                store_reply(
                    tx,
                    caller=key.caller,
                    method=call.method,
                    key=key.key,
                    reply=checkout_id.bytes,
                )
        # Commits: the completion has transactions of its own.
        await call.finish(request)
        crash_point("after:begin_checkout:commit")
        return checkout_id

    async def _prepare(self, request: pb.PlaceQuickOrderRequest, call: Call) -> NewCheckout:
        wanted = checkout_pb2.CreateCheckoutRequest(cart_id=request.cart_id)
        for name in _GIVEN:
            if request.HasField(name):
                setattr(wanted, name, getattr(request, name))
        new = await self._checkouts.prepare(wanted, call)
        if call.caller.kind != "customer" or not new.context.cart.needs_delivery:
            return new
        address = await self._components.customers.default_address_of(call.caller.shopper_id)
        if address is None:
            return new
        typed = wire.address_from_proto(address)
        try:
            normalize_delivery_address(typed, countries=new.context.channel.countries)
        except InvalidAddress:
            # The channel does not serve it: the buyer is asked for another.
            return new
        return replace(new, changes=replace(new.changes, delivery_address=typed))

    async def _choose(self, new: NewCheckout, call: Call) -> NewCheckout:
        """Returns a new checkout with the usual delivery option and payment method."""
        async with call.read() as found:
            buyer_ids = await find_buyer_ids(found, call.caller)
            usual = await find_usual_choices(found, buyer_ids, new.draft.channel_id)
        now = self.database.clock.now()
        context = await self._reviews.with_taxes(new.context, new.changes, new.draft)
        review = review_changes(new.changes, new.draft, context, now)
        pickup_methods = context.tables.delivery.pickup_methods
        changes = choose_delivery(new.changes, review, usual, pickup_methods=pickup_methods)
        context = await self._reviews.with_taxes(context, changes, new.draft)
        review = review_changes(changes, new.draft, context, now)
        saved = await self._components.saved_payments.find_default(call.caller)
        changes = choose_saved_method(changes, review, saved, now)
        return NewCheckout(choose_payment(changes, review, usual), context, new.draft)


def _checkout_of(key: IdempotencyKey, claimed: tuple[bytes, bytes | None]) -> UUID:
    """Returns the checkout of a claimed key. Raises KeyReused."""
    fingerprint, checkout_id = claimed
    key.require_same_request(fingerprint)
    assert checkout_id is not None, "the commit that claims a key stores its checkout"
    return UUID(bytes=bytes(checkout_id))
