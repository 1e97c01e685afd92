"""PickupService."""

from uuid import UUID

from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.errors.orders import OrderNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.orders.messages import order_to_proto
from checkout.orders.model import Order
from checkout.pickups.actions import collect_order, mark_ready_for_pickup, require_ready
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import pickup_service_pb2 as pb
from sojourn.checkout.v1 import pickup_service_pb2_grpc as pb_grpc


class PickupServicer(Servicer, pb_grpc.PickupServiceServicer):
    """Orders that are picked up in a store."""

    @write(scope="orders.write")
    async def MarkReadyForPickup(
        self, request: pb.MarkReadyForPickupRequest, call: Call
    ) -> checkout_pb2.Order:
        async with call.tx() as tx:
            view = await mark_ready_for_pickup(tx, _order_id(request.order_id), caller=call.caller)
        return order_to_proto(view)

    @write(scope="orders.write")
    async def CollectOrder(self, request: pb.CollectOrderRequest, call: Call) -> checkout_pb2.Order:
        async with call.tx() as tx:
            view = await collect_order(
                tx, _order_id(request.order_id), request.pickup_code, caller=call.caller
            )
        return order_to_proto(view)

    @read()
    async def GetPickupCode(self, request: pb.GetPickupCodeRequest, call: Call) -> pb.PickupCode:
        async with call.read() as found:
            order = await found.get(Order, _order_id(request.order_id))
            buyer_ids = await find_buyer_ids(found, call.caller)
        if order is None or order.owner_id not in buyer_ids:
            raise OrderNotFound
        return pb.PickupCode(pickup_code=require_ready(order).code)


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())
