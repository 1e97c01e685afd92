"""ExchangeService."""

from functools import partial
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, write
from checkout.crashes import crash_point
from checkout.exchanges.actions import exchange_return
from checkout.exchanges.wire import exchange_from_proto
from checkout.orders.queries import find_orders, find_views
from checkout.returns.messages import return_to_proto
from checkout.returns.queries import get_return
from checkout.servicers.after_sale.terms import exchange_terms
from checkout.servicers.waits import Patience, wait_for_order
from checkout.wiring import Components
from sojourn.checkout.v1 import exchanges_pb2 as pb
from sojourn.checkout.v1 import exchanges_pb2_grpc as pb_grpc
from sojourn.checkout.v1 import return_pb2

_SCOPE: Final = "orders.write"


class ExchangeServicer(Servicer, pb_grpc.ExchangeServiceServicer):
    """Exchanges of goods that come back."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components, self._settings = components, components.settings

    @write(scope=_SCOPE, needs_key=True)
    async def ExchangeReturn(
        self, request: pb.ExchangeReturnRequest, call: Call
    ) -> return_pb2.Return:
        wanted = exchange_from_proto(request, caller=call.caller.name, key=call.key)
        async with call.read() as found:
            one = await get_return(found, wanted.return_id)
            order = (await find_orders(found, [one.order_id]))[one.order_id]
        wishes = {each.replacement_variant_id for each in one.lines} - {None}
        terms = await exchange_terms(
            self._components, order, {*wanted.variants.values(), *filter(None, wishes)}
        )
        components = self._components
        methods = await components.payment_offers(call.caller, is_latest=True)
        async with self.database.tx() as tx:
            made_id = await exchange_return(tx, wanted, terms, methods, caller=call.caller)
        crash_point("after:exchange:commit")
        components.background.start(made_id, partial(components.saga.advance, made_id))
        patience = Patience(self._settings.complete_wait_seconds, call)
        await wait_for_order(components, made_id, call, patience)
        return await self._answer(wanted.return_id, call)

    async def _answer(self, return_id: UUID, call: Call) -> return_pb2.Return:
        async with call.read() as found:
            one = await get_return(found, return_id)
            views = await find_views(found, [one.order_id])
        return return_to_proto(one, views[one.order_id])
