"""CreditLimitService."""

from collections.abc import Sequence
from typing import Final

from chassis import pagination
from chassis.data.tx import Read
from chassis.rpc.server import Call, Servicer, read, write
from checkout.credit_limits import wire
from checkout.credit_limits.actions import delete_credit_limit, put_credit_limit
from checkout.credit_limits.model import CreditLimit
from checkout.credit_limits.queries import (
    find_outstanding,
    get_credit_limit,
    list_credit_limits,
)
from sojourn.checkout.v1 import credit_limits_pb2 as pb
from sojourn.checkout.v1 import credit_limits_pb2_grpc as pb_grpc

_SCOPE: Final = "payments.write"


class CreditLimitServicer(Servicer, pb_grpc.CreditLimitServiceServicer):
    """Credit limits for staff."""

    @read(scope=_SCOPE)
    async def ListCreditLimits(
        self, request: pb.ListCreditLimitsRequest, call: Call
    ) -> pb.ListCreditLimitsResponse:
        size = pagination.size_of(request.page.size, default=50)
        async with call.read() as found:
            rows = await list_credit_limits(
                found,
                customer_id=wire.id_of(request.customer_id),
                organization_id=wire.id_of(request.organization_id),
                after=pagination.code_of(request.page.token),
                size=size + 1,
            )
            page, token = pagination.page_by_code(rows, size)
            shown = await _shown(found, page)
        return pb.ListCreditLimitsResponse(credit_limits=shown, next_page_token=token)

    @read(scope=_SCOPE)
    async def GetCreditLimit(self, request: pb.GetCreditLimitRequest, call: Call) -> pb.CreditLimit:
        async with call.read() as found:
            [shown] = await _shown(found, [await get_credit_limit(found, request.code)])
        return shown

    @write(scope=_SCOPE)
    async def PutCreditLimit(self, request: pb.PutCreditLimitRequest, call: Call) -> pb.CreditLimit:
        draft = wire.limit_from_proto(request.credit_limit)
        async with call.tx() as tx:
            limit = await put_credit_limit(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
            [shown] = await _shown(tx, [limit])
        return shown

    @write(scope=_SCOPE)
    async def DeleteCreditLimit(
        self, request: pb.DeleteCreditLimitRequest, call: Call
    ) -> pb.DeleteCreditLimitResponse:
        async with call.tx() as tx:
            await delete_credit_limit(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteCreditLimitResponse()


async def _shown(found: Read, limits: Sequence[CreditLimit]) -> list[pb.CreditLimit]:
    """Returns limits as messages, with what is outstanding."""
    owed = await find_outstanding(found, [each.code for each in limits])
    return [wire.limit_to_proto(each, owed.get(each.code, 0)) for each in limits]
