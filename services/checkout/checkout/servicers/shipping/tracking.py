"""TrackingService."""

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.delivery.model import DeliveryCarrier
from checkout.errors.delivery import UnknownCarrier
from checkout.errors.orders import OrderNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.access import require_reader
from checkout.orders.model import Order
from checkout.tracking.actions import receive_carrier_event
from checkout.tracking.wire import load_tracking
from checkout.wiring import Components
from sojourn.checkout.v1 import tracking_pb2 as pb
from sojourn.checkout.v1 import tracking_pb2_grpc as pb_grpc


class TrackingServicer(Servicer, pb_grpc.TrackingServiceServicer):
    """Parcels of orders for their buyers and staff, and webhooks of carriers."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._carriers = components.carriers

    @read()
    async def GetOrderTracking(
        self, request: pb.GetOrderTrackingRequest, call: Call
    ) -> pb.OrderTracking:
        async with call.read() as found:
            order = await found.get(Order, parse_id_or(request.order_id, OrderNotFound()))
            if order is None:
                raise OrderNotFound
            require_reader(call.caller, order, await find_buyer_ids(found, call.caller))
            return await load_tracking(found, order, now=self.database.clock.now())

    @read(public=True)
    async def GetLinkedOrderTracking(
        self, request: pb.GetLinkedOrderTrackingRequest, call: Call
    ) -> pb.OrderTracking:
        async with call.read() as found:
            order_id = await get_accessed_order_id(found, request.access_token)
            order = await found.get(Order, order_id)
            if order is None:
                raise OrderNotFound
            return await load_tracking(found, order, now=self.database.clock.now())

    @write(public=True)
    async def ReceiveCarrierWebhook(
        self, request: pb.ReceiveCarrierWebhookRequest, call: Call
    ) -> pb.ReceiveCarrierWebhookResponse:
        async with self.database.read() as found:
            carrier = await found.get(DeliveryCarrier, request.carrier)
        integration = self._carriers.find(carrier.integration) if carrier else None
        if carrier is None or integration is None:
            raise UnknownCarrier
        for event in integration.verify_webhook(request.body, request.signature):
            await receive_carrier_event(self.database, carrier.code, event)
        return pb.ReceiveCarrierWebhookResponse()
