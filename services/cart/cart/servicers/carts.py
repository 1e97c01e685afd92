"""The edge of shoppers' carts."""

from dataclasses import replace
from uuid import UUID

from cart import metrics
from cart.carts import actions, merge, queries, restore
from cart.carts.model import Cart, ChangeContext, PricedCart
from cart.carts.offers import CatalogContext, Offers
from cart.carts.totals import price_cart
from cart.carts.wire import cart_to_proto, new_line_from_proto
from cart.errors import CartNotFound, CouponNotValid, InvalidGuestToken, SyntheticShopper
from cart.promotions.model import PricingRules
from cart.wiring import Wiring
from chassis import telemetry
from chassis.data.database import Database
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Denied, Unauthenticated, Unavailable
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc


class CartServicer(Servicer, pb_grpc.CartServiceServicer):
    """A shopper's carts."""

    def __init__(self, database: Database, verifier: TokenVerifier, wiring: Wiring) -> None:
        super().__init__(database, verifier)
        self._wiring = wiring

    @write(needs_key=True, delegated=True)
    async def CreateCart(self, request: pb.CreateCartRequest, call: Call) -> pb.Cart:
        owner_id = call.caller.shopper_id
        items = [new_line_from_proto(line) for line in request.lines]
        channel = request.channel or self._wiring.default_channel
        locale = await self._locale_of(request, call)
        context = CatalogContext(
            channel,
            locale,
            request.currency,
            call.caller.is_synthetic,
            call.caller.organization_id,
            call.caller.customer_group,
            _is_guest(call),
        )
        offers = await self._wiring.catalog.get_offers(
            context, list(dict.fromkeys(item.variant_id for item in items))
        )
        async with call.tx() as tx:
            cart = Cart.new(owner_id, replace(context, currency=offers.currency), tx.now)
            priced = await actions.create_cart(tx, cart, items, self._wiring.change_context(offers))
        telemetry.count(metrics.carts, "created", synthetic=cart.is_synthetic)
        telemetry.count(metrics.carts, "line_added", synthetic=cart.is_synthetic, by=len(items))
        return cart_to_proto(price_cart(priced, tx.now))

    @read(delegated=True)
    async def GetCart(self, request: pb.GetCartRequest, call: Call) -> pb.Cart:
        cart, rules = await self._find_cart(call, request.cart_id)
        return await self._price(cart, rules)

    @read(delegated=True)
    async def GetCurrentCart(self, request: pb.GetCurrentCartRequest, call: Call) -> pb.Cart:
        async with call.read() as read:
            channel = request.channel or self._wiring.default_channel
            cart, rules = await queries.get_current_cart(read, call.caller.shopper_id, channel)
        cart.is_guests = _is_guest(call)
        return await self._price(cart, rules)

    @write(needs_key=True, delegated=True)
    async def AddLine(self, request: pb.AddLineRequest, call: Call) -> pb.Cart:
        item = new_line_from_proto(request.line)
        cart, _ = await self._find_cart(call, request.cart_id)
        offers = await self._wiring.catalog.get_offers(
            cart.catalog_context, list(dict.fromkeys([*cart.variant_ids, item.variant_id]))
        )
        context = self._change_context(call, offers, request.expected_version)
        async with call.tx() as tx:
            priced = await actions.add_line(tx, cart.id, cart.owner_id, item, context)
        telemetry.count(metrics.carts, "line_added", synthetic=cart.is_synthetic)
        return cart_to_proto(price_cart(priced, tx.now))

    @write(delegated=True)
    async def SetLineQuantity(self, request: pb.SetLineQuantityRequest, call: Call) -> pb.Cart:
        line_id = parse_id(request.line_id, "line_id")
        cart, _ = await self._find_cart(call, request.cart_id)
        is_raise = actions.is_raise(cart, line_id, request.quantity)
        offers = await self._get_offers(
            cart.catalog_context, cart.variant_ids, must_be_current=is_raise
        )
        context = self._change_context(call, offers, request.expected_version)
        async with call.tx() as tx:
            priced = await actions.set_line_quantity(
                tx, cart.id, cart.owner_id, line_id, request.quantity, context
            )
        return cart_to_proto(price_cart(priced, tx.now))

    @write(delegated=True)
    async def ApplyCoupon(self, request: pb.ApplyCouponRequest, call: Call) -> pb.Cart:
        cart, context = await self._prepare_change(call, request.cart_id, request.expected_version)
        try:
            async with call.tx() as tx:
                priced = await actions.apply_coupon(
                    tx, cart.id, cart.owner_id, request.code, context
                )
        except CouponNotValid as refusal:
            metrics.coupons.labels(refusal.metadata["why"]).inc()
            raise
        metrics.coupons.labels("applied").inc()
        return cart_to_proto(price_cart(priced, tx.now))

    @write(delegated=True)
    async def RemoveCoupon(self, request: pb.RemoveCouponRequest, call: Call) -> pb.Cart:
        cart, context = await self._prepare_change(call, request.cart_id, request.expected_version)
        async with call.tx() as tx:
            priced = await actions.remove_coupon(tx, cart.id, cart.owner_id, request.code, context)
        return cart_to_proto(price_cart(priced, tx.now))

    @write()
    async def SaveCart(self, request: pb.SaveCartRequest, call: Call) -> pb.Cart:
        if call.caller.is_synthetic:
            raise SyntheticShopper
        email = normalize_email(request.email, allows_test_domains=self._wiring.allows_test_domains)
        cart, context = await self._prepare_change(call, request.cart_id, request.expected_version)
        # The reply holds a secret, which must not be stored; saving twice is saving once.
        async with call.tx(stores_reply=False) as tx:
            priced = await actions.save_cart(
                tx, cart.id, cart.owner_id, email, context, may_remind=request.remind
            )
        metrics.carts.labels("saved").inc()
        reply = cart_to_proto(price_cart(priced, tx.now))
        reply.restore_token = self._wiring.links.token(cart.id)
        return reply

    @write()
    async def MergeCart(self, request: pb.MergeCartRequest, call: Call) -> pb.MergeCartResponse:
        customer_id = call.caller.shopper_id
        if call.caller.kind == "guest":
            raise Denied("only customers merge", kind="guest")
        guest_id = await self._verify_guest(request.guest_token)
        async with call.read() as read:
            usable = await queries.list_usable_carts(read, (guest_id, customer_id))
        pair = merge.find_merge_pair(usable, guest_id=guest_id, customer_id=customer_id)
        offers = Offers.answered("", (), ())
        if pair.receiver is not None:
            # A guest's cart that becomes the customer's is priced for the customer.
            pair.receiver.organization_id = call.caller.organization_id
            pair.receiver.customer_group = call.caller.customer_group
            pair.receiver.is_guests = False
            crosses_currencies = (
                len({cart.currency for cart in (pair.guests, pair.customers) if cart}) > 1
            )
            offers = await self._get_offers(
                pair.receiver.catalog_context, pair.variant_ids, must_be_current=crosses_currencies
            )
        async with call.tx() as tx:
            context = self._wiring.change_context(offers)
            priced, is_merged = await merge.merge_cart(
                tx, context, guest_id=guest_id, customer=call.caller
            )
        if is_merged:
            metrics.carts.labels("merged").inc()
        return pb.MergeCartResponse(
            cart=cart_to_proto(price_cart(priced, tx.now)) if priced else None, merged=is_merged
        )

    @write()
    async def RestoreCart(self, request: pb.RestoreCartRequest, call: Call) -> pb.Cart:
        owner_id = call.caller.shopper_id
        if call.caller.is_synthetic:
            raise SyntheticShopper
        cart_id = self._wiring.links.find_cart_id(request.restore_token)
        if cart_id is None:
            raise CartNotFound
        async with call.read() as read:
            found = await restore.find_restorable(read, cart_id, owner_id)
        buyer = call.caller
        asked = replace(
            found.catalog_context,
            organization_id=buyer.organization_id,
            customer_group=buyer.customer_group,
            is_guest=_is_guest(call),
        )
        # A guest sees prices that a customer saw only where guests see prices.
        is_of_customer = asked.is_guest and not found.saved.is_guests
        offers = await self._get_offers(
            asked,
            found.variant_ids,
            must_be_current=found.crosses_currencies or is_of_customer,
        )
        async with call.tx() as tx:
            priced, is_restored = await restore.restore_cart(
                tx, cart_id, buyer, self._change_context(call, offers, 0)
            )
        if is_restored:
            metrics.carts.labels("restored").inc()
        return cart_to_proto(price_cart(priced, tx.now))

    async def _locale_of(self, request: pb.CreateCartRequest, call: Call) -> str:
        """Returns the stated locale, else that of the customer, else the first accepted one."""
        locale = request.locale
        if not locale and call.caller.kind == "customer":
            locale = await self._wiring.customers.locale_of(call.caller.shopper_id)
        return locale or next(iter(request.accepted_locales), "")

    async def _find_cart(self, call: Call, cart_id: str) -> tuple[Cart, PricingRules]:
        owner_id = call.caller.shopper_id
        async with call.read() as read:
            cart, rules = await queries.get_cart(read, parse_id(cart_id, "cart_id"), owner_id)
        cart.is_guests = _is_guest(call)
        return cart, rules

    def _change_context(self, call: Call, offers: Offers, expected_version: int) -> ChangeContext:
        return self._wiring.change_context(
            offers, expected_version=expected_version, is_guest=_is_guest(call)
        )

    async def _prepare_change(
        self, call: Call, cart_id: str, expected_version: int
    ) -> tuple[Cart, ChangeContext]:
        """Returns the caller's cart and the context of a change that needs no current offers."""
        cart, _ = await self._find_cart(call, cart_id)
        offers = await self._wiring.catalog.find_offers(cart.catalog_context, cart.variant_ids)
        return cart, self._change_context(call, offers, expected_version)

    async def _get_offers(
        self, context: CatalogContext, variant_ids: list[UUID], *, must_be_current: bool
    ) -> Offers:
        ask = (
            self._wiring.catalog.get_offers if must_be_current else self._wiring.catalog.find_offers
        )
        return await ask(context, variant_ids)

    async def _price(self, cart: Cart, rules: PricingRules) -> pb.Cart:
        offers = await self._wiring.catalog.find_offers(cart.catalog_context, cart.variant_ids)
        priced = PricedCart(cart, rules, offers, cart.repriced_variants(offers))
        return cart_to_proto(price_cart(priced, self.database.clock.now()))

    async def _verify_guest(self, token: str) -> UUID:
        """Returns the guest of a token. Raises InvalidGuestToken, Unavailable."""
        try:
            guest = await self.verifier.verify(f"Bearer {token.removeprefix('Bearer ')}")
        except Unavailable:
            raise
        except Unauthenticated:
            raise InvalidGuestToken from None
        if guest.kind != "guest" or guest.subject_id is None or guest.is_synthetic:
            raise InvalidGuestToken
        return guest.subject_id


def _is_guest(call: Call) -> bool:
    """Returns whether a guest calls; a synthetic shopper probes the shop and is none."""
    return call.caller.kind == "guest" and not call.caller.is_synthetic
