"""ReturnService and ReturnReasonService."""

from functools import partial
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.crashes import crash_point
from checkout.errors.after_sale import InvalidReturnReason, ReturnNotFound
from checkout.errors.orders import OrderNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.access import is_reader, is_writer
from checkout.orders.model import Order
from checkout.orders.queries import find_orders, find_views, load_views
from checkout.returns import wire
from checkout.returns.actions import (
    accept_return,
    cancel_return,
    receive_return,
    reject_return,
    request_return,
)
from checkout.returns.messages import RETURN_STATUSES, return_to_proto
from checkout.returns.model import Return, ReturnRequest, ReturnStatus
from checkout.returns.queries import find_return_reasons, get_return, list_returns
from checkout.returns.reasons import delete_return_reason, put_return_reason
from checkout.returns.refund import refund_return
from checkout.servicers.waits import Patience, wait_for_return
from checkout.wiring import Components
from sojourn.checkout.v1 import return_pb2
from sojourn.checkout.v1 import returns_pb2 as pb
from sojourn.checkout.v1 import returns_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class ReturnServicer(Servicer, pb_grpc.ReturnServiceServicer):
    """Returns of buyers and for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components
        self._lease_seconds = components.settings.resume_after_seconds

    @write(needs_key=True)
    async def RequestReturn(
        self, request: pb.RequestReturnRequest, call: Call
    ) -> return_pb2.Return:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if order is None or not is_writer(call.caller, order.owner_id, buyer_ids):
            raise OrderNotFound
        refund_to = wire.refund_to_from_proto(request)
        wanted = ReturnRequest(order_id, wire.lines_from_proto(request), request.note, refund_to)
        async with call.tx() as tx:
            made = await request_return(tx, wanted, caller=call.caller)
            [view] = await load_views(tx, [order])
        return return_to_proto(made, view)

    @write(public=True, needs_key=True)
    async def RequestLinkedReturn(
        self, request: pb.RequestLinkedReturnRequest, call: Call
    ) -> return_pb2.Return:
        async with call.tx() as tx:
            order_id = await get_accessed_order_id(tx, request.access_token)
            wanted = ReturnRequest(order_id, wire.lines_from_proto(request), request.note)
            made = await request_return(tx, wanted, caller=None)
            orders = await find_orders(tx, [order_id])
            [view] = await load_views(tx, [orders[order_id]])
        return return_to_proto(made, view)

    @read()
    async def GetReturn(self, request: pb.GetReturnRequest, call: Call) -> return_pb2.Return:
        return_id = _return_id(request.return_id)
        async with call.read() as found:
            one = await get_return(found, return_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if not is_reader(call.caller, one.owner_id, buyer_ids):
            raise ReturnNotFound
        return await self._answer(return_id, call)

    @read()
    async def ListReturns(
        self, request: pb.ListReturnsRequest, call: Call
    ) -> pb.ListReturnsResponse:
        if request.all_buyers:
            call.caller.require("orders.read")
        shopper_id = None if request.all_buyers else call.caller.shopper_id
        position = position_of(request.page.token, length=1)
        size = size_of(request.page.size, default=20)
        async with call.read() as found:
            returns = await list_returns(
                found,
                owner_ids=await find_buyer_ids(found, call.caller) if shopper_id else None,
                status=RETURN_STATUSES.decode(request.status) if request.status else None,
                order_id=parse_id_or(request.order_id, OrderNotFound())
                if request.HasField("order_id")
                else None,
                before=parse_id_or(str(position[0]), ReturnNotFound()) if position else None,
                limit=size + 1,
            )
            page = returns[:size]
            views = await find_views(found, [each.order_id for each in page])
        return pb.ListReturnsResponse(
            returns=[
                return_to_proto(each, views[each.order_id])
                for each in page
                if each.order_id in views
            ],
            next_page_token=token_of([page[-1].id]) if len(returns) > size else "",
        )

    @write()
    async def CancelReturn(self, request: pb.CancelReturnRequest, call: Call) -> return_pb2.Return:
        return_id = _return_id(request.return_id)
        async with call.read() as found:
            one = await get_return(found, return_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if not is_writer(call.caller, one.owner_id, buyer_ids):
            raise ReturnNotFound
        async with self.database.tx() as tx:
            await cancel_return(
                tx, return_id, caller=call.caller, expected_version=request.expected_version
            )
        return await self._answer(return_id, call)

    @write(scope=_SCOPE)
    async def AcceptReturn(self, request: pb.AcceptReturnRequest, call: Call) -> return_pb2.Return:
        return_id = _return_id(request.return_id)
        async with self.database.tx() as tx:
            await accept_return(
                tx,
                return_id,
                label=wire.label_from_proto(request),
                shop_note=request.shop_note,
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return await self._answer(return_id, call)

    @write(scope=_SCOPE)
    async def RejectReturn(self, request: pb.RejectReturnRequest, call: Call) -> return_pb2.Return:
        return_id = _return_id(request.return_id)
        async with self.database.tx() as tx:
            await reject_return(
                tx,
                return_id,
                shop_note=request.shop_note,
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return await self._answer(return_id, call)

    @write(scope=_SCOPE)
    async def ReceiveReturn(
        self, request: pb.ReceiveReturnRequest, call: Call
    ) -> return_pb2.Return:
        return_id, lines = _return_id(request.return_id), wire.received_from_proto(request)
        async with call.read() as found:
            order_id = (await get_return(found, return_id)).order_id
        stock = self._components.participants.stock
        for warehouse in sorted({line.warehouse for line in lines if line.warehouse}):
            await stock.require_warehouse(order_id, warehouse)
        async with self.database.tx() as tx:
            made = await receive_return(
                tx,
                return_id,
                lines,
                caller=call.caller,
                lease_seconds=self._lease_seconds,
                expected_version=request.expected_version,
            )
        crash_point("after:return:receive")
        return await self._complete(made, call)

    @write(scope=_SCOPE, needs_key=True)
    async def RefundReturn(self, request: pb.RefundReturnRequest, call: Call) -> return_pb2.Return:
        async with self.database.tx() as tx:
            made = await refund_return(
                tx,
                _return_id(request.return_id),
                wire.refund_from_proto(request),
                caller=call.caller,
                lease_seconds=self._lease_seconds,
                expected_version=request.expected_version,
            )
        crash_point("after:return:commit")
        return await self._complete(made, call)

    @write(scope=_SCOPE, needs_key=True)
    async def ReturnInStore(
        self, request: pb.ReturnInStoreRequest, call: Call
    ) -> return_pb2.Return:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
        if order is None:
            raise OrderNotFound
        wanted, received = wire.store_return_from_proto(request)
        if request.warehouse:
            stock = self._components.participants.stock
            await stock.require_warehouse(order_id, request.warehouse)
        async with call.tx() as tx:
            made = await request_return(
                tx,
                ReturnRequest(order_id, wanted, request.note),
                caller=call.caller,
                is_received=True,
            )
            # Timers put the goods on hand and refund them right after the commit.
            made = await receive_return(tx, made.id, received, caller=call.caller, lease_seconds=0)
            if request.HasField("refund"):
                made = await refund_return(
                    tx,
                    made.id,
                    wire.refund_from_proto(request.refund),
                    caller=call.caller,
                    lease_seconds=0,
                )
            [view] = await load_views(tx, [order])
        return return_to_proto(made, view)

    @read(public=True)
    async def ListReturnReasons(
        self, request: pb.ListReturnReasonsRequest, call: Call
    ) -> pb.ListReturnReasonsResponse:
        async with call.read() as found:
            reasons = await find_return_reasons(found)
        return pb.ListReturnReasonsResponse(
            reasons=[
                wire.option_to_proto(each, request.locale) for each in reasons if each.is_enabled
            ]
        )

    async def _complete(self, made: Return, call: Call) -> return_pb2.Return:
        """Has a return completed, and waits for it within the call's time."""
        if not made.is_restocked or made.status is ReturnStatus.REFUNDING:
            complete = partial(self._components.returns.complete, made.id)
            self._components.background.start(made.id, complete)
            patience = Patience(self._components.settings.complete_wait_seconds, call)
            await wait_for_return(self._components, made.id, patience)
        return await self._answer(made.id, call)

    async def _answer(self, return_id: UUID, call: Call) -> return_pb2.Return:
        async with call.read() as found:
            one = await get_return(found, return_id)
            views = await find_views(found, [one.order_id])
        return return_to_proto(one, views[one.order_id])


class ReturnReasonServicer(Servicer, pb_grpc.ReturnReasonServiceServicer):
    """Reasons for returns, for staff."""

    @read(scope=_SCOPE)
    async def ListReturnReasonRules(
        self, request: pb.ListReturnReasonRulesRequest, call: Call
    ) -> pb.ListReturnReasonRulesResponse:
        async with call.read() as found:
            reasons = await find_return_reasons(found)
        return pb.ListReturnReasonRulesResponse(
            return_reasons=[
                wire.reason_to_proto(each) for each in sorted(reasons, key=lambda one: one.code)
            ]
        )

    @write(scope=_SCOPE)
    async def PutReturnReason(
        self, request: pb.PutReturnReasonRequest, call: Call
    ) -> pb.ReturnReason:
        if not request.return_reason.code:
            raise InvalidReturnReason(path="return_reason.code", problem="it is needed")
        async with call.tx() as tx:
            kept = await put_return_reason(
                tx,
                wire.reason_from_proto(request.return_reason),
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.reason_to_proto(kept)

    @write(scope=_SCOPE)
    async def DeleteReturnReason(
        self, request: pb.DeleteReturnReasonRequest, call: Call
    ) -> pb.DeleteReturnReasonResponse:
        async with call.tx() as tx:
            await delete_return_reason(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteReturnReasonResponse()


def _return_id(text: str) -> UUID:
    return parse_id_or(text, ReturnNotFound())
