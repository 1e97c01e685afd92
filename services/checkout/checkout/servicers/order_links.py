"""OrderLinkService."""

from chassis.data.database import Database
from chassis.email_addresses import InvalidEmail, normalize_email
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from checkout.order_links.actions import open_order_link, request_order_link
from checkout.order_links.model import OrderLinkRequest
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.messages import order_to_proto
from checkout.orders.queries import get_order
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc


class OrderLinkServicer(Servicer, pb_grpc.OrderLinkServiceServicer):
    """Orders of buyers without a session."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, *, allows_test_domains: bool
    ) -> None:
        super().__init__(database, verifier)
        self._allows_test_domains = allows_test_domains

    @write(public=True)
    async def RequestOrderLink(
        self, request: pb.RequestOrderLinkRequest, call: Call
    ) -> pb.RequestOrderLinkResponse:
        try:
            email = normalize_email(request.email, allows_test_domains=self._allows_test_domains)
        except InvalidEmail:
            # No order has such an address.
            return pb.RequestOrderLinkResponse()
        wanted = OrderLinkRequest(request.number.strip().upper(), email)
        async with self.database.tx() as tx:
            await request_order_link(tx, wanted)
        return pb.RequestOrderLinkResponse()

    @write(public=True)
    async def OpenOrderLink(
        self, request: pb.OpenOrderLinkRequest, call: Call
    ) -> pb.OpenOrderLinkResponse:
        # The reply holds a token, so it is not stored.
        async with self.database.tx() as tx:
            access = await open_order_link(tx, request.token)
            view = await get_order(tx, access.order_id)
        return pb.OpenOrderLinkResponse(
            order=order_to_proto(view),
            access_token=access.token,
            expires_at=timestamp(access.expires_at),
        )

    @read(public=True)
    async def GetLinkedOrder(self, request: pb.GetLinkedOrderRequest, call: Call) -> pb.Order:
        async with call.read() as found:
            order_id = await get_accessed_order_id(found, request.access_token)
            return order_to_proto(await get_order(found, order_id))
