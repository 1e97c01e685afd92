"""OrderDeskService and OrderTimelineService."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.desk import wire
from checkout.desk.actions import (
    add_order_note,
    delete_order_note,
    hold_order,
    release_order,
    tag_orders,
    update_order_note,
)
from checkout.desk.queries import find_notes, find_open_holds, find_tags
from checkout.desk.search import OrderSearch, search_orders
from checkout.desk.timeline import get_timeline
from checkout.disputes.queries import find_disputes
from checkout.errors.orders import OrderNoteNotFound, OrderNotFound
from checkout.fraud.queries import find_risks
from checkout.guests.queries import find_buyer_ids
from checkout.orders.access import require_reader
from checkout.orders.model import Order
from checkout.orders.queries import find_orders, load_views
from sojourn.checkout.v1 import order_desk_pb2 as pb
from sojourn.checkout.v1 import order_desk_pb2_grpc as pb_grpc

_READ: Final = "orders.read"
_WRITE: Final = "orders.write"
_DEFAULT_PAGE: Final = 20


class OrderDeskServicer(Servicer, pb_grpc.OrderDeskServiceServicer):
    """Orders for staff: search, tags, holds and notes."""

    @read(scope=_READ, or_scope=_WRITE)
    async def SearchOrders(
        self, request: pb.SearchOrdersRequest, call: Call
    ) -> pb.SearchOrdersResponse:
        search, size = (
            wire.search_from_proto(request, now=self.database.clock.now()),
            size_of(request.page_size, default=_DEFAULT_PAGE),
        )
        after = _position_of(request.page_token, search)
        async with call.read() as found:
            orders = await search_orders(found, search, after, limit=size + 1)
            page = await _staff_orders(found, orders[:size])
        has_more = len(orders) > size
        return pb.SearchOrdersResponse(
            orders=page,
            next_page_token=token_of(search.sort.position_of(orders[size - 1])) if has_more else "",
        )

    @read(scope=_READ, or_scope=_WRITE)
    async def GetStaffOrder(self, request: pb.GetStaffOrderRequest, call: Call) -> pb.StaffOrder:
        return await self._answer(_order_id(request.order_id), call)

    @write(scope=_WRITE)
    async def TagOrders(self, request: pb.TagOrdersRequest, call: Call) -> pb.TagOrdersResponse:
        order_ids = [_order_id(text) for text in request.order_ids]
        changes = wire.tag_changes_from_proto(request)
        async with call.tx() as tx:
            changed = await tag_orders(tx, order_ids, changes, caller=call.caller)
        return pb.TagOrdersResponse(changed=changed, unchanged=len(order_ids) - changed)

    @write(scope=_WRITE)
    async def HoldOrder(self, request: pb.HoldOrderRequest, call: Call) -> pb.StaffOrder:
        async with call.tx() as tx:
            order = await hold_order(
                tx,
                _order_id(request.order_id),
                wire.HOLD_REASONS.decode(request.reason),
                request.note,
                caller=call.caller,
                expected_version=request.expected_version,
            )
            [answer] = await _staff_orders(tx, [order])
        return answer

    @write(scope=_WRITE)
    async def ReleaseOrder(self, request: pb.ReleaseOrderRequest, call: Call) -> pb.StaffOrder:
        async with call.tx() as tx:
            order = await release_order(
                tx,
                _order_id(request.order_id),
                caller=call.caller,
                expected_version=request.expected_version,
            )
            [answer] = await _staff_orders(tx, [order])
        return answer

    @read(scope=_READ, or_scope=_WRITE)
    async def ListOrderNotes(
        self, request: pb.ListOrderNotesRequest, call: Call
    ) -> pb.ListOrderNotesResponse:
        order_id = _order_id(request.order_id)
        async with call.read() as found:
            if await found.get(Order, order_id) is None:
                raise OrderNotFound
            notes = await find_notes(found, order_id)
        return pb.ListOrderNotesResponse(notes=map(wire.note_to_proto, notes))

    @write(scope=_WRITE, needs_key=True)
    async def AddOrderNote(self, request: pb.AddOrderNoteRequest, call: Call) -> pb.OrderNote:
        async with call.tx() as tx:
            note = await add_order_note(
                tx, _order_id(request.order_id), request.text, caller=call.caller
            )
        return wire.note_to_proto(note)

    @write(scope=_WRITE)
    async def UpdateOrderNote(self, request: pb.UpdateOrderNoteRequest, call: Call) -> pb.OrderNote:
        async with call.tx() as tx:
            note = await update_order_note(
                tx,
                _order_id(request.order_id),
                parse_id_or(request.note_id, OrderNoteNotFound()),
                request.text,
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return wire.note_to_proto(note)

    @write(scope=_WRITE)
    async def DeleteOrderNote(
        self, request: pb.DeleteOrderNoteRequest, call: Call
    ) -> pb.DeleteOrderNoteResponse:
        async with call.tx() as tx:
            await delete_order_note(
                tx,
                _order_id(request.order_id),
                parse_id_or(request.note_id, OrderNoteNotFound()),
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return pb.DeleteOrderNoteResponse()

    async def _answer(self, order_id: UUID, call: Call) -> pb.StaffOrder:
        async with call.read() as found:
            orders = await find_orders(found, [order_id])
            if order_id not in orders:
                raise OrderNotFound
            [answer] = await _staff_orders(found, [orders[order_id]])
        return answer


class OrderTimelineServicer(Servicer, pb_grpc.OrderTimelineServiceServicer):
    """Timelines of orders, for their buyers and for staff."""

    @read()
    async def GetOrderTimeline(
        self, request: pb.GetOrderTimelineRequest, call: Call
    ) -> pb.OrderTimeline:
        for_staff = _READ in call.caller.scopes or _WRITE in call.caller.scopes
        async with call.read() as found:
            view, entries = await get_timeline(
                found, _order_id(request.order_id), for_staff=for_staff
            )
            buyer_ids = await find_buyer_ids(found, call.caller)
        require_reader(call.caller, view.order, buyer_ids)
        return pb.OrderTimeline(entries=map(wire.entry_to_proto, entries))


async def _staff_orders(read: Read, orders: Sequence[Order]) -> list[pb.StaffOrder]:
    """Returns orders with their tags, holds, risks and disputes, with one statement a table."""
    ids = [order.id for order in orders]
    if not ids:
        return []
    tags, holds = await find_tags(read, ids), await find_open_holds(read, ids)
    risks, disputes = await find_risks(read, ids), await find_disputes(read, ids)
    return [
        wire.staff_order_to_proto(
            view,
            tags[view.order.id],
            holds.get(view.order.id),
            wire.Doubts(
                risks.get(view.order.id),
                [each for each in disputes if each.order_id == view.order.id],
            ),
        )
        for view in await load_views(read, orders)
    ]


def _position_of(token: str, search: OrderSearch) -> list[Any] | None:
    """Returns where the page begins. Raises InvalidPageToken, OrderNotFound."""
    position = position_of(token, length=2 if search.sort.is_by_total else 1)
    if position is None:
        return None
    return [*position[:-1], parse_id_or(str(position[-1]), OrderNotFound())]


def _order_id(text: str) -> UUID:
    return parse_id_or(text, OrderNotFound())
