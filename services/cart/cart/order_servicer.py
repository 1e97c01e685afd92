"""What checkout asks of carts, and what staff do with promotions, over gRPC."""

from cart import messages, promoting, redeeming
from cart.carts import Cart, lines_of
from cart.errors import CartNotFound
from cart.messages import uuid_of
from cart.offers import Catalog
from cart.promotions import page
from cart.redeeming import Buyer, Redemption
from cart.servicer import show
from chassis.auth import TokenVerifier
from chassis.db import Database
from chassis.errors import Denied
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2 as pb
from sojourn.cart.v1 import cart_pb2_grpc as pb_grpc

SCOPE = "carts.redeem"


class CartOrderServicer(Servicer, pb_grpc.CartOrderServiceServicer):
    """For checkout's service token."""

    def __init__(self, database: Database, verifier: TokenVerifier, catalog: Catalog) -> None:
        super().__init__(database, verifier)
        self._catalog = catalog

    @read(scope=SCOPE)
    async def GetCartForOrder(self, request: pb.GetCartForOrderRequest, call: Call) -> pb.CartForOrder:
        async with call.read() as read:
            cart = await read.get(Cart, uuid_of(request.cart_id, "cart_id"))
            if cart is None or str(cart.owner_id) != request.owner_id:
                raise CartNotFound("no such cart", cart_id=request.cart_id)
            lines = await lines_of(read, cart.id)
        # An order is never priced with old prices: without catalog there is no answer.
        offers = await self._catalog.offers(
            [line.variant_id for line in lines], channel=cart.channel, locale=cart.locale, currency=cart.currency
        )
        async with call.read() as read:
            shown = await show(read, cart, lines, offers)
        return pb.CartForOrder(
            cart=shown, owner_id=str(cart.owner_id), email=cart.email, locale=cart.locale, tax_included=offers.tax_included
        )

    @write(scope=SCOPE)
    async def RedeemCart(self, request: pb.RedeemCartRequest, call: Call) -> pb.Redemption:
        async with call.tx() as tx:
            redemption = await redeeming.redeem(
                tx,
                order_id=uuid_of(request.order_id, "order_id"),
                cart_id=uuid_of(request.cart_id, "cart_id"),
                cart_version=request.cart_version,
                buyer=Buyer(uuid_of(request.owner_id, "owner_id"), request.email),
                codes=sorted(set(request.promotion_codes)),
            )
        return _redemption(redemption)

    @write(scope=SCOPE)
    async def UnredeemCart(self, request: pb.UnredeemCartRequest, call: Call) -> pb.Redemption:
        async with call.tx() as tx:
            redemption = await redeeming.unredeem(tx, uuid_of(request.order_id, "order_id"))
        return _redemption(redemption)


def _redemption(redemption: Redemption) -> pb.Redemption:
    return pb.Redemption(order_id=str(redemption.order_id), status=redemption.status)


class PromotionServicer(Servicer, pb_grpc.PromotionServiceServicer):
    """For staff."""

    @write(scope="promotions.write", needs_key=True)
    async def PutPromotion(self, request: pb.PutPromotionRequest, call: Call) -> pb.Promotion:
        if call.caller.subject_id is None:
            raise Denied("only people make promotions")
        async with call.tx() as tx:
            promotion = await promoting.put(tx, messages.promotion_from_proto(request.promotion), actor_id=call.caller.subject_id)
        return messages.promotion_to_proto(promotion)

    @read(scope="promotions.write")
    async def ListPromotions(self, request: pb.ListPromotionsRequest, call: Call) -> pb.ListPromotionsResponse:
        size = size_of(request.page_size, default=50)
        after = position_of(request.page_token, length=1)
        async with call.read() as read:
            found = await page(read, after=(uuid_of(str(after[0]), "page_token"),) if after else None, size=size + 1)
        more = len(found) > size
        return pb.ListPromotionsResponse(
            promotions=[messages.promotion_to_proto(promotion) for promotion in found[:size]],
            next_page_token=token_of([str(found[size - 1].id)]) if more else "",
        )
