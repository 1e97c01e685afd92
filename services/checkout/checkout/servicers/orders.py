"""OrderService: decode, call, encode."""

import hashlib
from functools import partial
from uuid import UUID

from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.money import Money
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import DeadlineExceeded
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.errors import (
    OrderCancelledByBuyer,
    OrderLineNotFound,
    OrderNotFound,
    ProviderRefused,
    ShipmentNotFound,
    UnknownProvider,
)
from checkout.orders import audit as audits
from checkout.orders import cancel as cancelling
from checkout.orders import model as orders
from checkout.orders import view as order_views
from checkout.orders import wire as messages
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.view import OrderView, require_reader, require_writer
from checkout.payments import refund as refunding
from checkout.payments import webhooks as receiving
from checkout.payments.model import Refund, RefundStatus
from checkout.payments.refund import RefundWish
from checkout.placing.model import PlacingKey
from checkout.shipments import actions as shipping
from checkout.shipments.actions import Parcel
from checkout.shop import Shop, patience, settled
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc

_DEFAULT_PAGE = 20


class OrderServicer(Servicer, pb_grpc.OrderServiceServicer):
    """Orders after placing."""

    def __init__(self, database: Database, verifier: TokenVerifier, shop: Shop) -> None:
        super().__init__(database, verifier)
        self.shop = shop

    @read()
    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.Order:
        async with call.read() as found:
            view = await order_views.with_id(found, _order_id(request.order_id))
        require_reader(call.caller, view.order)
        return messages.order_to_proto(view)

    @read()
    async def ListOrders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        if request.all_buyers:
            call.caller.require("orders.read")
        owner_id = None if request.all_buyers else call.caller.shopper_id
        position = position_of(request.page.token, length=1)
        before = parse_id_or(str(position[0]), OrderNotFound()) if position else None
        status = messages.ORDER_STATUSES.decode(request.status) if request.status else None
        size = size_of(request.page.size, default=_DEFAULT_PAGE)
        async with call.read() as found:
            page = await orders.page_of(found, owner_id=owner_id, status=status, before=before, limit=size + 1)
            views = await order_views.of(found, page[:size])
        token = token_of([page[size - 1].id]) if len(page) > size else ""
        return pb.ListOrdersResponse(orders=[messages.order_to_proto(view) for view in views], next_page_token=token)

    @write()
    async def ContinuePayment(self, request: pb.ContinuePaymentRequest, call: Call) -> pb.Order:
        order_id = _order_id(request.order_id)
        await self._require_writer(order_id, call)
        self.shop.background.start(order_id, partial(self.shop.saga.advance, order_id, actor=Actor.BUYER))
        return messages.order_to_proto(await settled(self.shop, order_id, call))

    @write()
    async def CancelOrder(self, request: pb.CancelOrderRequest, call: Call) -> pb.Order:
        order_id, shop = _order_id(request.order_id), self.shop
        reason = messages.REASONS.decode(request.reason)
        order = await self._require_writer(order_id, call)
        if order.status is OrderStatus.ACTION_REQUIRED:
            actor = audits.actor_of(call.caller, order)
            await shop.saga.give_up(order_id, OrderCancelledByBuyer(), actor=actor)
            order = await self._require_writer(order_id, call)
        if order.status is OrderStatus.REFUSED and order.refusal_reason == OrderCancelledByBuyer.reason:
            return await self._order(order_id, call)
        async with self.database.tx() as tx:
            lease = shop.settings.resume_after_seconds
            await cancelling.begin(tx, order_id, caller=call.caller, reason=reason, lease_seconds=lease)
        shop.background.start(order_id, partial(shop.cancellations.carry_out, order_id))
        return messages.order_to_proto(await settled(shop, order_id, call))

    @write(needs_key=True, scope="orders.write")
    async def CreateShipment(self, request: pb.CreateShipmentRequest, call: Call) -> pb.Order:
        quantities: dict[UUID, int] = {}
        for line in request.lines:
            line_id = parse_id_or(line.order_line_id, OrderLineNotFound())
            quantities[line_id] = quantities.get(line_id, 0) + line.quantity
        parcel = Parcel(request.carrier, request.tracking_number, request.tracking_url, quantities)
        async with call.tx() as tx:
            view = await shipping.ship(tx, _order_id(request.order_id), parcel, caller=call.caller)
        return messages.order_to_proto(view)

    @write(scope="orders.write")
    async def MarkDelivered(self, request: pb.MarkDeliveredRequest, call: Call) -> pb.Order:
        shipment_id = parse_id_or(request.shipment_id, ShipmentNotFound())
        async with call.tx() as tx:
            view = await shipping.mark_delivered(tx, _order_id(request.order_id), shipment_id, caller=call.caller)
        return messages.order_to_proto(view)

    @write(needs_key=True, scope="orders.write")
    async def RefundOrder(self, request: pb.RefundOrderRequest, call: Call) -> pb.Order:
        digest = hashlib.sha256(request.SerializeToString(deterministic=True)).digest()
        wish = RefundWish(
            order_id=_order_id(request.order_id),
            amount=Money.from_proto(request.amount) if request.HasField("amount") else None,
            reason=messages.REASONS.decode(request.reason),
            key=PlacingKey(call.caller.name, call.key, digest),
        )
        async with self.database.tx() as tx:
            refund = await refunding.begin(tx, wish, caller=call.caller, lease_seconds=self.shop.settings.resume_after_seconds)
        if refund.status is RefundStatus.PENDING:
            self.shop.background.start(refund.id, partial(self.shop.refunds.carry_out, refund.id))
        ended = await self.shop.background.until(refund.id, partial(_ended, refund.id), within=patience(self.shop, call))
        if ended is None:
            raise DeadlineExceeded("the provider has not answered yet", refund_id=refund.id)
        if ended is RefundStatus.FAILED:
            raise ProviderRefused(refund_id=refund.id)
        return await self._order(refund.order_id, call)

    @write(public=True)
    async def ReceiveWebhook(self, request: pb.ReceiveWebhookRequest, call: Call) -> pb.ReceiveWebhookResponse:
        provider = self.shop.parties.providers.find(request.provider)
        if provider is None:
            raise UnknownProvider
        event = provider.verify_webhook(request.body, request.signature)
        order_id = await receiving.receive(self.database, provider.name, event)
        if order_id is not None:
            self.shop.background.start(order_id, partial(self.shop.saga.advance, order_id, actor=Actor.PROVIDER))
        return pb.ReceiveWebhookResponse()

    @write(scope="orders.write")
    async def Reconcile(self, request: pb.ReconcileRequest, call: Call) -> pb.ReconcileResponse:
        found = await self.shop.reconciler.reconcile(after_seconds=self.shop.settings.reconcile_after_seconds)
        return pb.ReconcileResponse(
            stuck_orders=found.stuck_orders,
            paid_without_order=found.paid_without_order,
            reservations_without_order=found.reservations_without_order,
        )

    async def _require_writer(self, order_id: UUID, call: Call) -> Order:
        async with call.read() as found:
            order = await found.get(Order, order_id)
        if order is None:
            raise OrderNotFound
        require_writer(call.caller, order)
        return order

    async def _order(self, order_id: UUID, call: Call) -> pb.Order:
        async with call.read() as found:
            view: OrderView = await order_views.with_id(found, order_id)
        return messages.order_to_proto(view)


async def _ended(refund_id: UUID, found: Read) -> RefundStatus | None:
    refund = await found.get(Refund, refund_id)
    return None if refund is None or refund.status is RefundStatus.PENDING else refund.status


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())
