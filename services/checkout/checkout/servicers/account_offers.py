"""AccountOfferService."""

from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read
from checkout.errors.orders import AccountNotOffered, OrderNotFound
from checkout.guests.model import ConvertedGuest
from checkout.guests.queries import find_buyer_ids
from checkout.orders.messages import address_to_proto
from checkout.orders.model import PAID, Order
from sojourn.checkout.v1 import account_offers_pb2 as pb
from sojourn.checkout.v1 import account_offers_pb2_grpc as pb_grpc


class AccountOfferServicer(Servicer, pb_grpc.AccountOfferServiceServicer):
    """Accounts for guests, from what they entered for their orders."""

    @read()
    async def GetAccountOffer(
        self, request: pb.GetAccountOfferRequest, call: Call
    ) -> pb.AccountOffer:
        order_id, caller = parse_id_or(request.order_id, OrderNotFound()), call.caller
        async with call.read() as found:
            order = await found.get(Order, order_id)
            if order is None or order.owner_id not in await find_buyer_ids(found, caller):
                raise OrderNotFound
            converted = await found.get(ConvertedGuest, order.owner_id)
        is_placed = order.status in PAID and not order.is_synthetic
        if caller.kind != "guest" or converted or not is_placed or not order.email:
            raise AccountNotOffered(order_id=order_id)
        address = order.delivery_address or order.billing_address
        return pb.AccountOffer(
            email=order.email,
            first_name=address.get("first_name", "") if address else "",
            last_name=address.get("last_name", "") if address else "",
            locale=order.locale,
            channel=order.channel_id,
            address=address_to_proto(address) if address else None,
        )
