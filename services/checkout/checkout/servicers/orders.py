"""OrderService."""

from functools import partial
from uuid import UUID

from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.errors import DeadlineExceeded
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.cancellations.actions import cancel_order_lines
from checkout.cancellations.model import CancellationStatus
from checkout.cancellations.wire import cancel_lines_from_proto
from checkout.crashes import crash_point
from checkout.desk.wire import history_conditions
from checkout.disputes.record import receive_dispute
from checkout.errors.after_sale import OrderCancelledByBuyer
from checkout.errors.orders import (
    InvalidOrderSearch,
    OrderNotFound,
    OrganizationManagersOnly,
    ShipmentNotFound,
)
from checkout.errors.payments import ProviderRefused, UnknownProvider
from checkout.guests.queries import find_buyer_ids
from checkout.orders.access import actor_of, is_manager, require_reader, require_writer
from checkout.orders.cancel import cancel_order
from checkout.orders.messages import ORDER_REASONS, ORDER_STATUSES, order_to_proto
from checkout.orders.model import Actor, Order, OrderStatus
from checkout.orders.queries import get_order, list_orders, load_views
from checkout.payments.refund import refund_order
from checkout.payments.refunds import RefundStatus
from checkout.payments.webhooks import receive_webhook
from checkout.payments.wire import refund_from_proto
from checkout.reconciliation.wire import findings_to_proto
from checkout.refund_failures.record import receive_refund_event
from checkout.saved_payments.saved import receive_vault_event
from checkout.servicers.waits import (
    Patience,
    wait_for_cancellation,
    wait_for_order,
    wait_for_refund,
)
from checkout.shipments.actions import create_shipment, mark_delivered
from checkout.shipments.wire import shipment_from_proto
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2 as pb
from sojourn.checkout.v1 import checkout_pb2_grpc as pb_grpc

_DEFAULT_PAGE = 20


class OrderServicer(Servicer, pb_grpc.OrderServiceServicer):
    """Orders of buyers and for staff, and webhooks of payment providers."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components
        self._background, self._lease_seconds = (
            components.background,
            components.settings.resume_after_seconds,
        )

    @read(delegated=True)
    async def GetOrder(self, request: pb.GetOrderRequest, call: Call) -> pb.Order:
        async with call.read() as found:
            view = await get_order(found, _order_id(request.order_id))
            buyer_ids = await find_buyer_ids(found, call.caller)
        require_reader(call.caller, view.order, buyer_ids)
        return order_to_proto(view)

    @read()
    async def ListOrders(self, request: pb.ListOrdersRequest, call: Call) -> pb.ListOrdersResponse:
        if request.all_buyers:
            call.caller.require("orders.read")
            if request.query:
                raise InvalidOrderSearch(path="query", problem="it searches the caller's orders")
        organization_id = _managed_organization(call.caller) if request.of_organization else None
        shopper_id = None if request.all_buyers or organization_id else call.caller.shopper_id
        position = position_of(request.page.token, length=1)
        before = parse_id_or(str(position[0]), OrderNotFound()) if position else None
        status = ORDER_STATUSES.decode(request.status) if request.status else None
        size = size_of(request.page.size, default=_DEFAULT_PAGE)
        async with call.read() as found:
            owner_ids = await find_buyer_ids(found, call.caller) if shopper_id else None
            orders = await list_orders(
                found,
                owner_ids=owner_ids,
                organization_id=organization_id,
                status=status,
                before=before,
                limit=size + 1,
                conditions=history_conditions(request),
            )
            views = await load_views(found, orders[:size])
        token = token_of([orders[size - 1].id]) if len(orders) > size else ""
        return pb.ListOrdersResponse(
            orders=[order_to_proto(view) for view in views], next_page_token=token
        )

    @write(delegated=True)
    async def ContinuePayment(self, request: pb.ContinuePaymentRequest, call: Call) -> pb.Order:
        order_id = _order_id(request.order_id)
        await self._find_writable(order_id, call)
        self._background.start(
            order_id, partial(self._components.saga.advance, order_id, actor=Actor.BUYER)
        )
        return order_to_proto(
            await wait_for_order(self._components, order_id, call, self._patience(call))
        )

    @write()
    async def CancelOrder(self, request: pb.CancelOrderRequest, call: Call) -> pb.Order:
        order_id, reason = _order_id(request.order_id), ORDER_REASONS.decode(request.reason)
        order = await self._find_writable(order_id, call)
        if order.status is OrderStatus.ACTION_REQUIRED:
            actor = actor_of(call.caller)
            await self._components.saga.refuse_waiting(
                order_id, OrderCancelledByBuyer(), actor=actor
            )
            order = await self._find_writable(order_id, call)
        if (
            order.status is OrderStatus.REFUSED
            and order.refusal_reason == OrderCancelledByBuyer.reason
        ):
            return await self._order(order_id, call)
        async with self.database.tx() as tx:
            await cancel_order(
                tx, order_id, caller=call.caller, reason=reason, lease_seconds=self._lease_seconds
            )
        self._background.start(order_id, partial(self._components.cancellations.complete, order_id))
        return order_to_proto(
            await wait_for_order(self._components, order_id, call, self._patience(call))
        )

    @write(needs_key=True)
    async def CancelOrderLines(self, request: pb.CancelOrderLinesRequest, call: Call) -> pb.Order:
        wanted = cancel_lines_from_proto(request, caller=call.caller.name, key=call.key)
        await self._find_writable(wanted.order_id, call)
        async with self.database.tx() as tx:
            made = await cancel_order_lines(
                tx, wanted, caller=call.caller, lease_seconds=self._lease_seconds
            )
        crash_point("after:cancel_lines:commit")
        components, background = self._components, self._background
        if made is None:
            complete = partial(components.cancellations.complete, wanted.order_id)
            background.start(wanted.order_id, complete)
            patience = self._patience(call)
            return order_to_proto(await wait_for_order(components, wanted.order_id, call, patience))
        if made.status is CancellationStatus.PENDING:
            background.start(made.id, partial(components.line_cancellations.complete, made.id))
        await wait_for_cancellation(components, made.id, self._patience(call))
        return await self._order(wanted.order_id, call)

    @write(needs_key=True, scope="orders.write")
    async def CreateShipment(self, request: pb.CreateShipmentRequest, call: Call) -> pb.Order:
        new, promises = shipment_from_proto(request), await self._components.promises()
        async with call.tx() as tx:
            view = await create_shipment(
                tx, _order_id(request.order_id), new, caller=call.caller, promises=promises
            )
        return order_to_proto(view)

    @write(scope="orders.write")
    async def MarkDelivered(self, request: pb.MarkDeliveredRequest, call: Call) -> pb.Order:
        shipment_id = parse_id_or(request.shipment_id, ShipmentNotFound())
        async with call.tx() as tx:
            view = await mark_delivered(
                tx, _order_id(request.order_id), shipment_id, caller=call.caller
            )
        return order_to_proto(view)

    @write(needs_key=True, scope="orders.write")
    async def RefundOrder(self, request: pb.RefundOrderRequest, call: Call) -> pb.Order:
        wanted = refund_from_proto(request, caller=call.caller.name, key=call.key)
        async with self.database.tx() as tx:
            refunds = await refund_order(
                tx, wanted, caller=call.caller, lease_seconds=self._lease_seconds
            )
        for refund in refunds:
            if refund.status is RefundStatus.PENDING:
                complete = partial(self._components.refunds.complete, refund.id)
                self._background.start(refund.id, complete)
        patience = self._patience(call)
        for refund in refunds:
            status = await wait_for_refund(self._components, refund.id, patience)
            if status is None:
                raise DeadlineExceeded(
                    "the provider has not answered yet: try again with the same key",
                    refund_id=refund.id,
                )
            if status is RefundStatus.FAILED:
                raise ProviderRefused(refund_id=refund.id)
        return await self._order(wanted.order_id, call)

    @write(public=True)
    async def ReceiveWebhook(
        self, request: pb.ReceiveWebhookRequest, call: Call
    ) -> pb.ReceiveWebhookResponse:
        provider = self._components.participants.providers.find(request.provider)
        if provider is None:
            raise UnknownProvider
        event = provider.verify_webhook(request.body, request.signature)
        if event.dispute_id:
            await receive_dispute(self.database, provider.name, event)
            return pb.ReceiveWebhookResponse()
        if event.refund_id:
            await receive_refund_event(self.database, provider.name, event)
            return pb.ReceiveWebhookResponse()
        if event.customer:
            await receive_vault_event(self.database, provider.name, event)
            return pb.ReceiveWebhookResponse()
        order_id = await receive_webhook(self.database, provider.name, event)
        if order_id is not None:
            self._background.start(
                order_id, partial(self._components.saga.advance, order_id, actor=Actor.PROVIDER)
            )
        return pb.ReceiveWebhookResponse()

    @write(scope="orders.write")
    async def Reconcile(self, request: pb.ReconcileRequest, call: Call) -> pb.ReconcileResponse:
        after_seconds = self._components.settings.reconcile_after_seconds
        return findings_to_proto(
            await self._components.reconciler.reconcile(after_seconds=after_seconds)
        )

    def _patience(self, call: Call) -> Patience:
        return Patience(self._components.settings.complete_wait_seconds, call)

    async def _find_writable(self, order_id: UUID, call: Call) -> Order:
        """Returns an order that the caller may change. Raises OrderNotFound."""
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if order is None:
            raise OrderNotFound
        require_writer(call.caller, order, buyer_ids)
        return order

    async def _order(self, order_id: UUID, call: Call) -> pb.Order:
        async with call.read() as found:
            view = await get_order(found, order_id)
        return order_to_proto(view)


def _managed_organization(caller: Caller) -> UUID | None:
    """Returns the organization that the caller manages. Raises OrganizationManagersOnly."""
    if not is_manager(caller):
        raise OrganizationManagersOnly
    return caller.organization_id


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())
