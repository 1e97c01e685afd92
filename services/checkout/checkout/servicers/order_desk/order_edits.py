"""OrderEditService."""

from functools import partial
from typing import Final
from uuid import UUID

from chassis import postal_addresses
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import DomainError
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, write
from checkout.crashes import crash_point
from checkout.errors.orders import OrderNotFound
from checkout.order_edits.actions import change_delivery_address
from checkout.order_edits.lines import draft_edit, edit_order_lines
from checkout.order_edits.model import LineEdit
from checkout.order_edits.wire import edit_from_proto
from checkout.orders.messages import order_to_proto
from checkout.orders.model import Order
from checkout.orders.queries import get_order, load_views
from checkout.orders.view import OrderView
from checkout.placing.queries import find_keyed_order
from checkout.servicers.after_sale.terms import exchange_terms
from checkout.servicers.waits import Patience, wait_for_cancellation, wait_for_order
from checkout.wiring import Components
from sojourn.checkout.v1 import checkout_pb2
from sojourn.checkout.v1 import order_edits_pb2 as pb
from sojourn.checkout.v1 import order_edits_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class OrderEditServicer(Servicer, pb_grpc.OrderEditServiceServicer):
    """Changes of placed orders by staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @write(scope=_SCOPE)
    async def ChangeDeliveryAddress(
        self, request: pb.ChangeDeliveryAddressRequest, call: Call
    ) -> checkout_pb2.Order:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
        if order is None:
            raise OrderNotFound
        terms = await exchange_terms(self._components, order, ())
        address = request.delivery_address
        async with call.tx() as tx:
            order = await change_delivery_address(
                tx,
                order_id,
                {name: getattr(address, name) for name in postal_addresses.FIELDS},
                terms,
                caller=call.caller,
                expected_version=request.expected_version,
            )
            [view] = await load_views(tx, [order])
        return order_to_proto(view)

    @write(scope=_SCOPE, needs_key=True)
    async def EditOrderLines(
        self, request: pb.EditOrderLinesRequest, call: Call
    ) -> pb.EditOrderLinesResponse:
        wanted = edit_from_proto(request, caller=call.caller.name, key=call.key)
        async with call.read() as found:
            added_id = await find_keyed_order(found, wanted.key)
            seen = await get_order(found, wanted.order_id)
        if added_id is None:
            added_id = await self._edit(wanted, seen, call)
        patience = Patience(self._components.settings.complete_wait_seconds, call)
        added = await wait_for_order(self._components, added_id, call, patience)
        async with call.read() as found:
            edited = await get_order(found, wanted.order_id)
        return pb.EditOrderLinesResponse(order=order_to_proto(edited), added=order_to_proto(added))

    async def _edit(self, wanted: LineEdit, seen: OrderView, call: Call) -> UUID:
        """Returns the id of the order of what is added, which is on its way to be placed."""
        components = self._components
        terms = await exchange_terms(components, seen.order, set(wanted.added))
        methods = await components.payment_offers(call.caller, is_latest=True)
        draft = draft_edit(seen, wanted, terms, methods, components.participants.clock.now())
        made, stock = draft.attempt.order, components.participants.stock
        # What a process that dies leaves reserved expires.
        await stock.reserve(made, draft.attempt.lines)
        crash_point("after:edit:reserve")
        try:
            async with self.database.tx() as tx:
                added_id, cancellation = await edit_order_lines(
                    tx, wanted, draft, terms.order, caller=call.caller
                )
        except DomainError:
            await stock.release(made.id)
            raise
        crash_point("after:edit:commit")
        if added_id != made.id:
            await stock.release(made.id)
        background = components.background
        background.start(added_id, partial(components.saga.advance, added_id))
        if cancellation is not None:
            complete = partial(components.line_cancellations.complete, cancellation.id)
            background.start(cancellation.id, complete)
            patience = Patience(components.settings.complete_wait_seconds, call)
            await wait_for_cancellation(components, cancellation.id, patience)
        return added_id
