"""The edge of checkout: carts to order, and their redemption."""

from dataclasses import replace

from cart import metrics
from cart.carts import queries
from cart.carts.model import PricedCart
from cart.carts.totals import price_cart
from cart.carts.wire import cart_for_order_to_proto
from cart.errors import CartNotFound
from cart.redemptions import actions
from cart.redemptions.model import digest_email
from cart.redemptions.queries import has_ordered
from cart.redemptions.wire import redemption_from_proto, redemption_to_proto
from cart.wiring import Wiring
from chassis import telemetry
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Refused
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc

ORDER_SCOPE = "carts.redeem"


class CartOrderServicer(Servicer, pb_grpc.CartOrderServiceServicer):
    """Carts for checkout. Only a token that acts for its owner reads a cart."""

    def __init__(self, database: Database, verifier: TokenVerifier, wiring: Wiring) -> None:
        super().__init__(database, verifier)
        self._wiring = wiring

    @read(scope=ORDER_SCOPE, acting=True)
    async def GetCartForOrder(
        self, request: pb.GetCartForOrderRequest, call: Call
    ) -> pb.CartForOrder:
        owner_id = parse_id(request.owner_id, "owner_id")
        if call.caller.act_for != owner_id:
            raise CartNotFound
        async with call.read() as read:
            cart, rules = await queries.get_cart(
                read, parse_id(request.cart_id, "cart_id"), owner_id
            )
            if rules.would_be_first and await has_ordered(
                read, owner_id, digest_email(request.email)
            ):
                rules = replace(rules, orders_placed=1)
        # An order is never priced with what was seen last.
        offers = await self._wiring.catalog.get_offers(cart.catalog_context, cart.variant_ids)
        priced = PricedCart(cart, rules, offers, cart.repriced_variants(offers))
        return cart_for_order_to_proto(price_cart(priced, self.database.clock.now()))

    @write(scope=ORDER_SCOPE)
    async def RedeemCart(self, request: pb.RedeemCartRequest, call: Call) -> pb.Redemption:
        wish = redemption_from_proto(request)
        try:
            # The order's id is the key: a stored reply would hide that the order was undone since.
            async with call.tx(stores_reply=False) as tx:
                redemption, is_new = await actions.redeem_cart(tx, wish)
        except Refused:
            metrics.redemptions.labels("refused").inc()
            raise
        if is_new:
            telemetry.count(metrics.redemptions, "redeemed", synthetic=redemption.is_synthetic)
            telemetry.count(metrics.carts, "ordered", synthetic=redemption.is_synthetic)
        return redemption_to_proto(redemption)

    @write(scope=ORDER_SCOPE)
    async def UnredeemCart(self, request: pb.UnredeemCartRequest, call: Call) -> pb.Redemption:
        order_id = parse_id(request.order_id, "order_id")
        async with call.tx(stores_reply=False) as tx:
            redemption, is_undone = await actions.unredeem_cart(
                tx, order_id, abandon_after=self._wiring.abandon_after
            )
        if is_undone:
            telemetry.count(metrics.redemptions, "undone", synthetic=redemption.is_synthetic)
            telemetry.count(metrics.carts, "reopened", synthetic=redemption.is_synthetic)
        return redemption_to_proto(redemption)
