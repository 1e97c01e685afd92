"""The edge: decode, ask catalog, open the transaction, call, encode."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from cart import adding, carts, couponing, merging, messages, metrics, orders, promoting, promotions, redeeming, restoring, saving, totals
from cart.carts import Basket, Cart, Terms
from cart.errors import CartNotFound, CouponNotValid, InvalidGuestToken, SyntheticShopper
from cart.links import RestoreLinks
from cart.offers import Offers, View
from cart.orders import digest_of
from cart.peers import Catalog
from cart.promotions import Rules
from chassis import pagination, telemetry
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Denied, InvalidPageToken, Refused, Unauthenticated, Unavailable
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc

ORDER_SCOPE = "carts.redeem"
PROMOTION_SCOPE = "promotions.write"


@dataclass(frozen=True, slots=True)
class Shop:
    """What the servicers have beside the database."""

    catalog: Catalog
    links: RestoreLinks
    abandon_after: timedelta
    default_channel: str = "default"
    allows_test_domains: bool = False

    def terms(self, offers: Offers, *, expected_version: int = 0) -> Terms:
        return Terms(offers, self.abandon_after, expected_version)


class CartServicer(Servicer, pb_grpc.CartServiceServicer):
    """A shopper's carts."""

    def __init__(self, database: Database, verifier: TokenVerifier, shop: Shop) -> None:
        super().__init__(database, verifier)
        self._shop = shop

    @write(needs_key=True)
    async def CreateCart(self, request: pb.CreateCartRequest, call: Call) -> pb.Cart:
        owner_id = call.caller.shopper_id
        wanted = [messages.wanted_from_proto(line) for line in request.lines]
        view = View(request.channel or self._shop.default_channel, request.locale, request.currency, call.caller.is_synthetic)
        offers = await self._shop.catalog.offers(view, list(dict.fromkeys(each.variant_id for each in wanted)))
        async with call.tx() as tx:
            cart = carts.a_cart(owner_id, replace(view, currency=offers.currency), tx.now)
            cart.organization_id = call.caller.organization_id
            basket = await adding.create(tx, cart, wanted, self._shop.terms(offers))
        telemetry.count(metrics.carts, "created", synthetic=cart.is_synthetic)
        telemetry.count(metrics.carts, "line_added", synthetic=cart.is_synthetic, by=len(wanted))
        return messages.cart_to_proto(totals.of(basket, tx.now))

    @read()
    async def GetCart(self, request: pb.GetCartRequest, call: Call) -> pb.Cart:
        cart, rules = await self._mine(call, request.cart_id)
        return await self._priced(call, cart, rules)

    @read()
    async def GetCurrentCart(self, request: pb.GetCurrentCartRequest, call: Call) -> pb.Cart:
        async with call.read() as read:
            channel = request.channel or self._shop.default_channel
            cart, rules = await carts.current_cart_of(read, call.caller.shopper_id, channel)
        return await self._priced(call, cart, rules)

    @write(needs_key=True)
    async def AddLine(self, request: pb.AddLineRequest, call: Call) -> pb.Cart:
        wanted = messages.wanted_from_proto(request.line)
        cart, _ = await self._mine(call, request.cart_id)
        offers = await self._shop.catalog.offers(cart.view, list(dict.fromkeys([*cart.variant_ids, wanted.variant_id])))
        async with call.tx() as tx:
            basket = await adding.add(tx, cart, wanted, self._shop.terms(offers, expected_version=request.expected_version))
        telemetry.count(metrics.carts, "line_added", synthetic=cart.is_synthetic)
        return messages.cart_to_proto(totals.of(basket, tx.now))

    @write()
    async def SetLineQuantity(self, request: pb.SetLineQuantityRequest, call: Call) -> pb.Cart:
        line_id = parse_id(request.line_id, "line_id")
        cart, _ = await self._mine(call, request.cart_id)
        ask = self._shop.catalog.offers if adding.is_raising(cart, line_id, request.quantity) else self._shop.catalog.offers_if_up
        terms = self._shop.terms(await ask(cart.view, cart.variant_ids), expected_version=request.expected_version)
        async with call.tx() as tx:
            basket = await adding.set_quantity(tx, cart, line_id, request.quantity, terms)
        return messages.cart_to_proto(totals.of(basket, tx.now))

    @write()
    async def ApplyCoupon(self, request: pb.ApplyCouponRequest, call: Call) -> pb.Cart:
        cart, terms = await self._to_change(call, request.cart_id)
        try:
            async with call.tx() as tx:
                basket = await couponing.apply_coupon(tx, cart, request.code, terms)
        except CouponNotValid as refusal:
            metrics.coupons.labels(refusal.metadata["why"]).inc()
            raise
        metrics.coupons.labels("applied").inc()
        return messages.cart_to_proto(totals.of(basket, tx.now))

    @write()
    async def RemoveCoupon(self, request: pb.RemoveCouponRequest, call: Call) -> pb.Cart:
        cart, terms = await self._to_change(call, request.cart_id)
        async with call.tx() as tx:
            basket = await couponing.remove_coupon(tx, cart, request.code, terms)
        return messages.cart_to_proto(totals.of(basket, tx.now))

    @write()
    async def SaveCart(self, request: pb.SaveCartRequest, call: Call) -> pb.Cart:
        if call.caller.is_synthetic:
            raise SyntheticShopper
        email = saving.email_of(request.email, allows_test_domains=self._shop.allows_test_domains)
        cart, terms = await self._to_change(call, request.cart_id)
        # The reply holds a secret, which must not be stored; saving twice is saving once.
        async with call.tx(stores_reply=False) as tx:
            basket = await saving.save(tx, cart, email, terms, may_remind=request.remind)
        metrics.carts.labels("saved").inc()
        reply = messages.cart_to_proto(totals.of(basket, tx.now))
        reply.restore_token = self._shop.links.token_of(cart.id)
        return reply

    @write()
    async def MergeCart(self, request: pb.MergeCartRequest, call: Call) -> pb.MergeCartResponse:
        customer_id = call.caller.shopper_id
        if call.caller.kind == "guest":
            raise Denied("only customers merge", kind="guest")
        guest_id = await self._guest(request.guest_token)
        async with call.read() as read:
            usable = await carts.usable_carts_of(read, (guest_id, customer_id))
        pair = merging.pair_of(usable, guest_id=guest_id, customer_id=customer_id)
        offers = Offers.of("", (), ())
        if pair.receiver is not None:
            crosses = len({cart.currency for cart in (pair.guests, pair.customers) if cart}) > 1
            offers = await self._offers(pair.receiver.view, pair.variant_ids, needs_prices=crosses)
        async with call.tx() as tx:
            basket, is_merged = await merging.merge(tx, self._shop.terms(offers), guest_id=guest_id, customer_id=customer_id)
        if is_merged:
            metrics.carts.labels("merged").inc()
        return pb.MergeCartResponse(cart=messages.cart_to_proto(totals.of(basket, tx.now)) if basket else None, merged=is_merged)

    @write()
    async def RestoreCart(self, request: pb.RestoreCartRequest, call: Call) -> pb.Cart:
        owner_id = call.caller.shopper_id
        if call.caller.is_synthetic:
            raise SyntheticShopper
        cart_id = self._shop.links.cart_of(request.restore_token)
        if cart_id is None:
            raise CartNotFound
        async with call.read() as read:
            found = await restoring.restorable(read, cart_id, owner_id)
        offers = await self._offers(found.view, found.variant_ids, needs_prices=found.crosses_currencies)
        async with call.tx() as tx:
            basket, is_restored = await restoring.restore(tx, cart_id, owner_id, self._shop.terms(offers))
        if is_restored:
            metrics.carts.labels("restored").inc()
        return messages.cart_to_proto(totals.of(basket, tx.now))

    async def _mine(self, call: Call, cart_id: str) -> tuple[Cart, Rules]:
        owner_id = call.caller.shopper_id
        async with call.read() as read:
            return await carts.cart_of(read, parse_id(cart_id, "cart_id"), owner_id)

    async def _to_change(self, call: Call, cart_id: str) -> tuple[Cart, Terms]:
        cart, _ = await self._mine(call, cart_id)
        return cart, self._shop.terms(await self._shop.catalog.offers_if_up(cart.view, cart.variant_ids))

    async def _offers(self, view: View, variant_ids: list[UUID], *, needs_prices: bool) -> Offers:
        ask = self._shop.catalog.offers if needs_prices else self._shop.catalog.offers_if_up
        return await ask(view, variant_ids)

    async def _priced(self, call: Call, cart: Cart, rules: Rules) -> pb.Cart:
        offers = await self._shop.catalog.offers_if_up(cart.view, cart.variant_ids)
        basket = Basket(cart, rules, offers, cart.repriced(offers))
        return messages.cart_to_proto(totals.of(basket, self.database.clock.now()))

    async def _guest(self, token: str) -> UUID:
        try:
            guest = await self.verifier.verify(f"Bearer {token.removeprefix('Bearer ')}")
        except Unavailable:
            raise
        except Unauthenticated:
            raise InvalidGuestToken from None
        if guest.kind != "guest" or guest.subject_id is None or guest.is_synthetic:
            raise InvalidGuestToken
        return guest.subject_id


class CartOrderServicer(Servicer, pb_grpc.CartOrderServiceServicer):
    """The calls of checkout. A cart is shown to a token that acts for its owner only."""

    def __init__(self, database: Database, verifier: TokenVerifier, shop: Shop) -> None:
        super().__init__(database, verifier)
        self._shop = shop

    @read(scope=ORDER_SCOPE, acting=True)
    async def GetCartForOrder(self, request: pb.GetCartForOrderRequest, call: Call) -> pb.CartForOrder:
        owner_id = parse_id(request.owner_id, "owner_id")
        if call.caller.act_for != owner_id:
            raise CartNotFound
        async with call.read() as read:
            cart, rules = await carts.cart_of(read, parse_id(request.cart_id, "cart_id"), owner_id)
            if rules.would_be_first and await orders.has_ordered(read, owner_id, digest_of(request.email)):
                rules = replace(rules, orders_placed=1)
        # An order is never priced with what was seen last.
        offers = await self._shop.catalog.offers(cart.view, cart.variant_ids)
        basket = Basket(cart, rules, offers, cart.repriced(offers))
        return messages.cart_for_order_to_proto(totals.of(basket, self.database.clock.now()))

    @write(scope=ORDER_SCOPE)
    async def RedeemCart(self, request: pb.RedeemCartRequest, call: Call) -> pb.Redemption:
        use = messages.use_from_proto(request)
        try:
            # The order's id is the key: a stored reply would hide that the order was undone since.
            async with call.tx(stores_reply=False) as tx:
                redemption, is_new = await redeeming.redeem(tx, use)
        except Refused:
            metrics.redemptions.labels("refused").inc()
            raise
        if is_new:
            telemetry.count(metrics.redemptions, "redeemed", synthetic=redemption.is_synthetic)
            telemetry.count(metrics.carts, "ordered", synthetic=redemption.is_synthetic)
        return messages.redemption_to_proto(redemption)

    @write(scope=ORDER_SCOPE)
    async def UnredeemCart(self, request: pb.UnredeemCartRequest, call: Call) -> pb.Redemption:
        order_id = parse_id(request.order_id, "order_id")
        async with call.tx(stores_reply=False) as tx:
            redemption, is_undone = await redeeming.unredeem(tx, order_id, abandon_after=self._shop.abandon_after)
        if is_undone:
            telemetry.count(metrics.redemptions, "undone", synthetic=redemption.is_synthetic)
            telemetry.count(metrics.carts, "reopened", synthetic=redemption.is_synthetic)
        return messages.redemption_to_proto(redemption)


class PromotionServicer(Servicer, pb_grpc.PromotionServiceServicer):
    """What staff change."""

    @write(scope=PROMOTION_SCOPE, needs_key=True)
    async def PutPromotion(self, request: pb.PutPromotionRequest, call: Call) -> pb.Promotion:
        if (actor_id := call.caller.subject_id) is None:
            raise Denied("only people change promotions", kind=call.caller.kind)
        draft = messages.promotion_from_proto(request.promotion)
        async with call.tx() as tx:
            return messages.promotion_to_proto(await promoting.put(tx, draft, actor_id=actor_id))

    @read(scope=PROMOTION_SCOPE)
    async def ListPromotions(self, request: pb.ListPromotionsRequest, call: Call) -> pb.ListPromotionsResponse:
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        try:
            before = UUID(str(position[0])) if position else None
        except ValueError:
            raise InvalidPageToken from None
        async with call.read() as read:
            found = await promotions.newest_promotions(read, before=before, limit=size + 1)
        page, has_more = found[:size], len(found) > size
        return pb.ListPromotionsResponse(
            promotions=[messages.promotion_to_proto(promotion) for promotion in page],
            next_page_token=pagination.token_of([str(page[-1].id)]) if has_more else "",
        )
