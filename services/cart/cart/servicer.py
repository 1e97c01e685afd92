"""Carts, over gRPC."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from cart import changing, linking, merging, messages
from cart.carts import MAX_LINES, Cart, CartLine, cart_of, current_of, lines_of, locked
from cart.changing import Wanted
from cart.errors import CartNotFound, InvalidEmail, InvalidQuantity, TooManyLines
from cart.messages import uuid_of
from cart.offers import Catalog, Offers
from cart.pricing import price
from cart.promotions import candidates, has_ordered
from cart.settings import CartSettings
from chassis.auth import TokenVerifier
from chassis.clock import uuid7
from chassis.db import Database, Read
from chassis.errors import InvalidToken
from chassis.rpc import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc

_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


async def show(read: Read, cart: Cart, lines: list[CartLine], offers: Offers) -> pb.Cart:
    """A cart as it is priced now."""
    promotions = await candidates(read, cart.coupon_codes)
    is_first = not any(promotion.first_order_only for promotion in promotions) or not await has_ordered(read, cart.owner_id)
    return messages.cart_to_proto(cart, price(cart, lines, offers, promotions, is_first_order=is_first, now=read.now))


class CartServicer(Servicer, pb_grpc.CartServiceServicer):
    """What a shopper does. Catalog is asked before a transaction opens."""

    def __init__(self, database: Database, verifier: TokenVerifier, catalog: Catalog, settings: CartSettings) -> None:
        super().__init__(database, verifier)
        self._catalog = catalog
        self._secret, self._abandon_after = settings.restore_secret.get_secret_value(), settings.abandon_after_seconds
        self._default_channel = settings.default_channel

    async def _offers(self, cart: Cart, variant_ids: Iterable[UUID], *, must: bool = True) -> Offers:
        ask = self._catalog.offers if must else self._catalog.offers_if_there
        return await ask(variant_ids, channel=cart.channel, locale=cart.locale, currency=cart.currency)

    async def _seen(self, call: Call, cart_id: str) -> tuple[Cart, list[CartLine]]:
        async with call.read() as read:
            cart = await cart_of(read, uuid_of(cart_id, "cart_id"), call.caller)
            return cart, await lines_of(read, cart.id)

    def _new_cart(self, call: Call, *, channel: str, currency: str, locale: str, version: int = 1) -> Cart:
        now = self.database.clock.now()
        return Cart(
            id=uuid7(), owner_id=call.caller.shopper_id, organization_id=call.caller.organization_id,
            channel=channel or self._default_channel, currency=currency, locale=locale or "en", created_at=now, updated_at=now,
            version=version,
        )  # fmt: skip

    @write(needs_key=True)
    async def CreateCart(self, request: pb.CreateCartRequest, call: Call) -> pb.Cart:
        wanted = [_wanted(line) for line in request.lines]
        if len(wanted) > MAX_LINES:
            raise TooManyLines("a cart has at most 100 lines", most=MAX_LINES)
        cart = self._new_cart(call, channel=request.channel, currency=request.currency, locale=request.locale)
        offers = await self._offers(cart, [want.variant_id for want in wanted])
        cart.currency = offers.currency
        async with call.tx() as tx:
            lines = await changing.create(tx, cart, wanted, offers, abandon_after_seconds=self._abandon_after)
            return await show(tx, cart, lines, offers)

    @read()
    async def GetCart(self, request: pb.GetCartRequest, call: Call) -> pb.Cart:
        cart, lines = await self._seen(call, request.cart_id)
        return await self._shown(call, cart, lines)

    @read()
    async def GetCurrentCart(self, request: pb.GetCurrentCartRequest, call: Call) -> pb.Cart:
        async with call.read() as read:
            cart = await current_of(read, call.caller.shopper_id, request.channel)
            if cart is None:
                raise CartNotFound("the caller has no open cart")
            lines = await lines_of(read, cart.id)
        return await self._shown(call, cart, lines)

    async def _shown(self, call: Call, cart: Cart, lines: list[CartLine]) -> pb.Cart:
        offers = await self._offers(cart, [line.variant_id for line in lines], must=False) if lines else Offers({}, cart.currency)
        async with call.read() as read:
            return await show(read, cart, lines, offers)

    @write(needs_key=True)
    async def AddLine(self, request: pb.AddLineRequest, call: Call) -> pb.Cart:
        want = _wanted(request.line)
        seen, lines = await self._seen(call, request.cart_id)
        offers = await self._offers(seen, [*(line.variant_id for line in lines), want.variant_id])
        async with call.tx() as tx:
            cart = await locked(tx, seen.id, call.caller, expected_version=request.expected_version)
            lines = await changing.add(tx, cart, [want], offers, abandon_after_seconds=self._abandon_after)
            return await show(tx, cart, lines, offers)

    @write()
    async def SetLineQuantity(self, request: pb.SetLineQuantityRequest, call: Call) -> pb.Cart:
        if request.quantity < 0:
            raise InvalidQuantity("the quantity is negative")
        seen, lines = await self._seen(call, request.cart_id)
        offers = await self._offers(seen, [line.variant_id for line in lines])
        async with call.tx() as tx:
            cart = await locked(tx, seen.id, call.caller, expected_version=request.expected_version)
            lines = await changing.set_quantity(
                tx, cart, uuid_of(request.line_id, "line_id"), request.quantity, offers, abandon_after_seconds=self._abandon_after
            )
            return await show(tx, cart, lines, offers)

    @write()
    async def ApplyCoupon(self, request: pb.ApplyCouponRequest, call: Call) -> pb.Cart:
        seen, lines = await self._seen(call, request.cart_id)
        offers = await self._offers(seen, [line.variant_id for line in lines], must=False)
        async with call.tx() as tx:
            cart = await locked(tx, seen.id, call.caller)
            await changing.apply_coupon(tx, cart, request.code)
            return await show(tx, cart, await lines_of(tx, cart.id), offers)

    @write()
    async def RemoveCoupon(self, request: pb.RemoveCouponRequest, call: Call) -> pb.Cart:
        seen, lines = await self._seen(call, request.cart_id)
        offers = await self._offers(seen, [line.variant_id for line in lines], must=False)
        async with call.tx() as tx:
            cart = await locked(tx, seen.id, call.caller)
            await changing.remove_coupon(tx, cart, request.code)
            return await show(tx, cart, await lines_of(tx, cart.id), offers)

    @write()
    async def SaveCart(self, request: pb.SaveCartRequest, call: Call) -> pb.Cart:
        email = request.email.strip().lower()
        if not _EMAIL.fullmatch(email):
            raise InvalidEmail("this is not an e-mail address")
        seen, lines = await self._seen(call, request.cart_id)
        offers = await self._offers(seen, [line.variant_id for line in lines], must=False)
        async with call.tx() as tx:
            cart = await locked(tx, seen.id, call.caller)
            await changing.save(tx, cart, email, remind=request.remind)
            reply = await show(tx, cart, await lines_of(tx, cart.id), offers)
        reply.restore_token = linking.token_of(cart.id, self._secret)
        return reply

    @write()
    async def MergeCart(self, request: pb.MergeCartRequest, call: Call) -> pb.MergeCartResponse:
        customer_id = call.caller.shopper_id
        guest = await self.verifier.verify(f"Bearer {request.guest_token}")
        if guest.kind != "guest" or guest.subject_id is None:
            raise InvalidToken
        async with call.read() as read:
            carts = [cart for owner in (guest.subject_id, customer_id) if (cart := await current_of(read, owner))]
            variants = [line.variant_id for cart in carts for line in await lines_of(read, cart.id)]
        offers = await self._offers(carts[-1], variants, must=False) if carts else Offers({}, "")
        async with call.tx() as tx:
            merged = await merging.merge(tx, guest_id=guest.subject_id, customer_id=customer_id)
            reply = pb.MergeCartResponse(merged=merged.has_moved)
            if merged.cart is not None:
                reply.cart.CopyFrom(await show(tx, merged.cart, merged.lines, offers))
        return reply

    @write()
    async def RestoreCart(self, request: pb.RestoreCartRequest, call: Call) -> pb.Cart:
        saved_id, shopper_id = linking.cart_id_of(request.restore_token, self._secret), call.caller.shopper_id
        async with call.read() as read:
            saved = await read.get(Cart, saved_id)
            if saved is None:
                raise CartNotFound("no such cart")
            target = await current_of(read, shopper_id, saved.channel)
            variants = [line.variant_id for line in await lines_of(read, saved_id)]
            variants += [line.variant_id for line in await lines_of(read, target.id)] if target else []
        offers = await self._offers(saved, variants, must=False)
        fresh = self._new_cart(call, channel=saved.channel, currency=saved.currency, locale=saved.locale, version=0)
        async with call.tx() as tx:
            target = await current_of(tx, shopper_id, saved.channel) or fresh
            cart, lines = await merging.restore(tx, saved_id=saved_id, shopper_id=shopper_id, target=target)
            return await show(tx, cart, lines, offers)


def _wanted(line: pb.LineInput) -> Wanted:
    if line.quantity < 1:
        raise InvalidQuantity("the quantity is not positive")
    return Wanted(uuid_of(line.variant_id, "variant_id"), line.quantity)
