"""OrderDigitalGoodsService."""

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read
from checkout.errors.orders import OrderNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.model import Order
from checkout.peers import DigitalGoods
from sojourn.catalog.v1.digital_goods_pb2 import ListDeliveredGoodsResponse
from sojourn.checkout.v1 import digital_goods_pb2 as pb
from sojourn.checkout.v1 import digital_goods_pb2_grpc as pb_grpc


class OrderDigitalGoodsServicer(Servicer, pb_grpc.OrderDigitalGoodsServiceServicer):
    """Digital goods of orders, for those who bought them."""

    def __init__(self, database: Database, verifier: TokenVerifier, goods: DigitalGoods) -> None:
        super().__init__(database, verifier)
        self._goods = goods

    @read()
    async def ListDigitalGoods(
        self, request: pb.ListDigitalGoodsRequest, call: Call
    ) -> ListDeliveredGoodsResponse:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if order is None or order.owner_id not in buyer_ids:
            raise OrderNotFound
        return await self._goods.list_delivered_goods(order_id)

    @read(public=True)
    async def ListLinkedDigitalGoods(
        self, request: pb.ListLinkedDigitalGoodsRequest, call: Call
    ) -> ListDeliveredGoodsResponse:
        async with call.read() as found:
            order_id = await get_accessed_order_id(found, request.access_token)
        return await self._goods.list_delivered_goods(order_id)
