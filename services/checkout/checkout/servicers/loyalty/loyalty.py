"""LoyaltyService."""

from datetime import UTC
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import Denied, InvalidPageToken
from chassis.rpc.ids import parse_id, parse_id_or
from chassis.rpc.server import Call, Servicer, read, write
from checkout.loyalty import wire
from checkout.loyalty.actions import (
    adjust_points,
    delete_loyalty_rule,
    put_loyalty_rule,
    redeem_points,
)
from checkout.loyalty.queries import (
    find_lots,
    get_loyalty_rule,
    list_loyalty_rules,
    list_point_entries,
)
from checkout.wiring import Components
from sojourn.checkout.v1 import loyalty_pb2 as pb
from sojourn.checkout.v1 import loyalty_pb2_grpc as pb_grpc

_RULES: Final = "promotions.write"
_READ: Final = "gift_cards.read"
_WRITE: Final = "gift_cards.write"


class LoyaltyServicer(Servicer, pb_grpc.LoyaltyServiceServicer):
    """Rules of points for staff, and points of customers."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @read(scope=_RULES)
    async def ListLoyaltyRules(
        self, request: pb.ListLoyaltyRulesRequest, call: Call
    ) -> pb.ListLoyaltyRulesResponse:
        size = pagination.size_of(request.page.size, default=50)
        after = pagination.code_of(request.page.token)
        async with call.read() as found:
            rows = await list_loyalty_rules(found, after=after, size=size + 1)
        page, token = pagination.page_by_code(rows, size)
        return pb.ListLoyaltyRulesResponse(
            loyalty_rules=map(wire.rule_to_proto, page), next_page_token=token
        )

    @read(scope=_RULES)
    async def GetLoyaltyRule(self, request: pb.GetLoyaltyRuleRequest, call: Call) -> pb.LoyaltyRule:
        async with call.read() as found:
            return wire.rule_to_proto(await get_loyalty_rule(found, request.code))

    @write(scope=_RULES)
    async def PutLoyaltyRule(self, request: pb.PutLoyaltyRuleRequest, call: Call) -> pb.LoyaltyRule:
        draft = wire.rule_from_proto(request.loyalty_rule)
        async with call.tx() as tx:
            rule = await put_loyalty_rule(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.rule_to_proto(rule)

    @write(scope=_RULES)
    async def DeleteLoyaltyRule(
        self, request: pb.DeleteLoyaltyRuleRequest, call: Call
    ) -> pb.DeleteLoyaltyRuleResponse:
        async with call.tx() as tx:
            await delete_loyalty_rule(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteLoyaltyRuleResponse()

    @read()
    async def GetPoints(self, request: pb.GetPointsRequest, call: Call) -> pb.Points:
        customer_id = _customer_id(request, call)
        async with call.read() as found:
            lots = await find_lots(found, customer_id)
        return wire.points_to_proto(lots, self.database.clock.now())

    @read()
    async def ListPointEntries(
        self, request: pb.ListPointEntriesRequest, call: Call
    ) -> pb.ListPointEntriesResponse:
        customer_id = _customer_id(request, call)
        size = pagination.size_of(request.page.size, default=50)
        position = pagination.position_of(request.page.token, length=1)
        before = parse_id_or(str(position[0]), InvalidPageToken()) if position else None
        async with call.read() as found:
            entries = await list_point_entries(found, customer_id, before=before, limit=size + 1)
        page = entries[:size]
        return pb.ListPointEntriesResponse(
            entries=map(wire.entry_to_proto, page),
            next_page_token=pagination.token_of([page[-1].id]) if len(entries) > size else "",
        )

    @write(needs_key=True)
    async def RedeemPoints(self, request: pb.RedeemPointsRequest, call: Call) -> pb.Points:
        customer_id = _own(call)
        channel = request.channel or self._components.settings.default_channel
        table = await self._components.loyalty.current()
        async with call.tx() as tx:
            rule = table.find(channel, request.currency)
            await redeem_points(tx, customer_id, request.points, rule, channel=channel)
            lots = await find_lots(tx, customer_id)
        return wire.points_to_proto(lots, self.database.clock.now())

    @write(scope=_WRITE, needs_key=True)
    async def AdjustPoints(self, request: pb.AdjustPointsRequest, call: Call) -> pb.Points:
        customer_id = parse_id(request.customer_id, "customer_id")
        async with call.tx() as tx:
            await adjust_points(
                tx,
                customer_id,
                request.points,
                reason=request.reason,
                expires_at=request.expires_at.ToDatetime(UTC)
                if request.HasField("expires_at")
                else None,
                actor_id=call.caller.person_id,
            )
            lots = await find_lots(tx, customer_id)
        return wire.points_to_proto(lots, self.database.clock.now())


def _own(call: Call) -> UUID:
    """Returns the customer who calls. Raises Denied for guests, who have no points."""
    if call.caller.kind != "customer":
        raise Denied("only customers have points", kind=call.caller.kind)
    return call.caller.shopper_id


def _customer_id(request: pb.GetPointsRequest | pb.ListPointEntriesRequest, call: Call) -> UUID:
    """Returns whose points are asked for.

    Raises Denied unless they are the caller's, and ScopeRequired for those of another customer.
    """
    if not request.HasField("customer_id"):
        return _own(call)
    if not call.caller.has(_WRITE):
        call.caller.require(_READ)
    return parse_id(request.customer_id, "customer_id")
