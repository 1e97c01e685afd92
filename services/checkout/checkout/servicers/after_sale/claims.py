"""ClaimService."""

from functools import partial
from typing import Final
from uuid import UUID

from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.claims import wire
from checkout.claims.actions import open_claim, reject_claim, settle_claim, withdraw_claim
from checkout.claims.messages import CLAIM_STATUSES, claim_to_proto
from checkout.claims.model import NewClaim
from checkout.claims.queries import get_claim, list_claims
from checkout.crashes import crash_point
from checkout.errors.after_sale import ClaimNotFound
from checkout.errors.orders import OrderNotFound
from checkout.guests.queries import find_buyer_ids
from checkout.order_links.queries import get_accessed_order_id
from checkout.orders.access import is_reader, is_writer
from checkout.orders.model import Order
from checkout.orders.queries import find_orders, find_views, load_views
from checkout.servicers.after_sale.terms import exchange_terms
from checkout.servicers.waits import Patience, wait_for_order
from checkout.wiring import Components
from sojourn.checkout.v1 import claim_pb2
from sojourn.checkout.v1 import claims_pb2 as pb
from sojourn.checkout.v1 import claims_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class ClaimServicer(Servicer, pb_grpc.ClaimServiceServicer):
    """Claims of buyers and for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @write(needs_key=True)
    async def OpenClaim(self, request: pb.OpenClaimRequest, call: Call) -> claim_pb2.Claim:
        order_id = parse_id_or(request.order_id, OrderNotFound())
        async with call.read() as found:
            order = await found.get(Order, order_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if order is None or not is_writer(call.caller, order.owner_id, buyer_ids):
            raise OrderNotFound
        new = NewClaim(order_id, wire.lines_from_proto(request), request.note)
        async with call.tx() as tx:
            made = await open_claim(tx, new, caller=call.caller)
            [view] = await load_views(tx, [order])
        return claim_to_proto(made, view)

    @write(public=True, needs_key=True)
    async def OpenLinkedClaim(
        self, request: pb.OpenLinkedClaimRequest, call: Call
    ) -> claim_pb2.Claim:
        async with call.tx() as tx:
            order_id = await get_accessed_order_id(tx, request.access_token)
            new = NewClaim(order_id, wire.lines_from_proto(request), request.note)
            made = await open_claim(tx, new, caller=None)
            orders = await find_orders(tx, [order_id])
            [view] = await load_views(tx, [orders[order_id]])
        return claim_to_proto(made, view)

    @read()
    async def GetClaim(self, request: pb.GetClaimRequest, call: Call) -> claim_pb2.Claim:
        claim_id = _claim_id(request.claim_id)
        async with call.read() as found:
            claim = await get_claim(found, claim_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if not is_reader(call.caller, claim.owner_id, buyer_ids):
            raise ClaimNotFound
        return await self._answer(claim_id, call)

    @read()
    async def ListClaims(self, request: pb.ListClaimsRequest, call: Call) -> pb.ListClaimsResponse:
        if request.all_buyers:
            call.caller.require("orders.read")
        shopper_id = None if request.all_buyers else call.caller.shopper_id
        position = position_of(request.page.token, length=1)
        size = size_of(request.page.size, default=20)
        async with call.read() as found:
            claims = await list_claims(
                found,
                owner_ids=await find_buyer_ids(found, call.caller) if shopper_id else None,
                status=CLAIM_STATUSES.decode(request.status) if request.status else None,
                order_id=parse_id_or(request.order_id, OrderNotFound())
                if request.HasField("order_id")
                else None,
                before=parse_id_or(str(position[0]), ClaimNotFound()) if position else None,
                limit=size + 1,
            )
            page = claims[:size]
            views = await find_views(found, [each.order_id for each in page])
        return pb.ListClaimsResponse(
            claims=[
                claim_to_proto(each, views[each.order_id])
                for each in page
                if each.order_id in views
            ],
            next_page_token=token_of([page[-1].id]) if len(claims) > size else "",
        )

    @write()
    async def WithdrawClaim(self, request: pb.WithdrawClaimRequest, call: Call) -> claim_pb2.Claim:
        claim_id = _claim_id(request.claim_id)
        async with call.read() as found:
            claim = await get_claim(found, claim_id)
            buyer_ids = await find_buyer_ids(found, call.caller)
        if not is_writer(call.caller, claim.owner_id, buyer_ids):
            raise ClaimNotFound
        async with self.database.tx() as tx:
            await withdraw_claim(
                tx, claim_id, caller=call.caller, expected_version=request.expected_version
            )
        return await self._answer(claim_id, call)

    @write(scope=_SCOPE)
    async def RejectClaim(self, request: pb.RejectClaimRequest, call: Call) -> claim_pb2.Claim:
        claim_id = _claim_id(request.claim_id)
        async with self.database.tx() as tx:
            await reject_claim(
                tx,
                claim_id,
                shop_note=request.shop_note,
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return await self._answer(claim_id, call)

    @write(scope=_SCOPE, needs_key=True)
    async def SettleClaim(self, request: pb.SettleClaimRequest, call: Call) -> claim_pb2.Claim:
        wanted = wire.settlement_from_proto(request)
        async with call.read() as found:
            claim = await get_claim(found, wanted.claim_id)
            order = (await find_orders(found, [claim.order_id]))[claim.order_id]
        variants = {each.variant_id for each in claim.lines} | set(wanted.variants.values())
        terms = await exchange_terms(self._components, order, variants)
        async with self.database.tx() as tx:
            settled = await settle_claim(tx, wanted, terms, caller=call.caller)
        crash_point("after:claim:commit")
        if (made_id := settled.replacement_order_id) is not None:
            components = self._components
            components.background.start(made_id, partial(components.saga.advance, made_id))
            patience = Patience(components.settings.complete_wait_seconds, call)
            await wait_for_order(components, made_id, call, patience)
        return await self._answer(wanted.claim_id, call)

    async def _answer(self, claim_id: UUID, call: Call) -> claim_pb2.Claim:
        async with call.read() as found:
            claim = await get_claim(found, claim_id)
            views = await find_views(found, [claim.order_id])
        return claim_to_proto(claim, views[claim.order_id])


def _claim_id(text: str) -> UUID:
    return parse_id_or(text, ClaimNotFound())
