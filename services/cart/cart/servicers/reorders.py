"""The edge of reorders."""

from dataclasses import replace
from uuid import UUID

from cart import metrics
from cart.carts import queries
from cart.carts.model import Cart, PricedCart
from cart.carts.offers import CatalogContext
from cart.carts.totals import price_cart
from cart.carts.wire import cart_to_proto
from cart.promotions.model import PricingRules
from cart.reorders.actions import ReorderInCart, reorder
from cart.reorders.model import OrderedLines
from cart.reorders.wire import ordered_lines_from_proto, reordered_line_to_proto
from cart.wiring import Wiring
from chassis import telemetry
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, write
from sojourn.cart.v1 import reorders_pb2 as pb
from sojourn.cart.v1 import reorders_pb2_grpc as pb_grpc


class ReorderServicer(Servicer, pb_grpc.ReorderServiceServicer):
    """Carts of what the caller ordered before."""

    def __init__(self, database: Database, verifier: TokenVerifier, wiring: Wiring) -> None:
        super().__init__(database, verifier)
        self._wiring = wiring

    @write(needs_key=True, delegated=True)
    async def Reorder(self, request: pb.ReorderRequest, call: Call) -> pb.Reordered:
        owner_id = call.caller.shopper_id
        order = ordered_lines_from_proto(request.order)
        line_ids = frozenset(parse_id(id, "line_ids") for id in request.line_ids)
        found = await self._find_cart(request, order, owner_id, call)
        cart = found[0] if found else None
        context = cart.catalog_context if cart else _context_of(order, call)
        wanted = (line.item.variant_id for line in order.wanted(line_ids))
        variant_ids = dict.fromkeys([*(cart.variant_ids if cart else ()), *wanted])
        offers = await self._wiring.catalog.get_offers(context, list(variant_ids))
        change = self._wiring.change_context(offers, is_guest=_is_guest(call))
        async with call.tx() as tx:
            new = (
                None
                if cart
                else Cart.new(owner_id, replace(context, currency=offers.currency), tx.now)
            )
            wish = ReorderInCart(order, line_ids, cart.id if cart else None, new)
            priced, reordered = await reorder(tx, wish, owner_id, change)
        if priced:
            is_synthetic, by = priced.cart.is_synthetic, sum(1 for each in reordered if each.line)
            telemetry.count(metrics.carts, "line_added", synthetic=is_synthetic, by=by)
        elif found:
            cart, rules = found
            priced = PricedCart(cart, rules, offers, cart.repriced_variants(offers))
        return pb.Reordered(
            cart=cart_to_proto(price_cart(priced, tx.now)) if priced else None,
            lines=[reordered_line_to_proto(each) for each in reordered],
        )

    async def _find_cart(
        self, request: pb.ReorderRequest, order: OrderedLines, owner_id: UUID, call: Call
    ) -> tuple[Cart, PricingRules] | None:
        """Returns the cart that is named, else the current one of the order's channel, if any.

        Raises CartNotFound for a name of none of the caller's.
        """
        channel = order.channel or self._wiring.default_channel
        async with call.read() as read:
            if request.HasField("cart_id"):
                cart_id = parse_id(request.cart_id, "cart_id")
                found = await queries.get_cart(read, cart_id, owner_id)
            elif (current := await queries.find_current_cart(read, owner_id, channel)) is None:
                return None
            else:
                found = current
        found[0].is_guests = _is_guest(call)
        return found


def _context_of(order: OrderedLines, call: Call) -> CatalogContext:
    """Returns the context of a new cart: where the order was placed, for who calls now."""
    return CatalogContext(
        order.channel,
        order.locale,
        order.currency,
        call.caller.is_synthetic,
        call.caller.organization_id,
        call.caller.customer_group,
        _is_guest(call),
    )


def _is_guest(call: Call) -> bool:
    """Returns whether a guest calls; a synthetic shopper probes the shop and is none."""
    return call.caller.kind == "guest" and not call.caller.is_synthetic
