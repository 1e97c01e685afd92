"""FraudService."""

from typing import Final

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.fraud import wire
from checkout.fraud.actions import delete_fraud_limit, put_fraud_limit, put_fraud_settings
from checkout.fraud.queries import get_fraud_limit, get_fraud_settings, list_fraud_limits
from checkout.wiring import Components
from sojourn.checkout.v1 import fraud_pb2 as pb
from sojourn.checkout.v1 import fraud_pb2_grpc as pb_grpc

_SCOPE: Final = "payments.write"


class FraudServicer(Servicer, pb_grpc.FraudServiceServicer):
    """Limits and settings against fraud, for staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._channel = components.settings.default_channel
        self._scores = components.fraud_scores

    @read(scope=_SCOPE)
    async def ListFraudLimits(
        self, request: pb.ListFraudLimitsRequest, call: Call
    ) -> pb.ListFraudLimitsResponse:
        size = pagination.size_of(request.page.size, default=50)
        after = pagination.code_of(request.page.token)
        async with call.read() as found:
            rows = await list_fraud_limits(found, after=after, size=size + 1)
        page, token = pagination.page_by_code(rows, size)
        return pb.ListFraudLimitsResponse(
            limits=map(wire.limit_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetFraudLimit(self, request: pb.GetFraudLimitRequest, call: Call) -> pb.FraudLimit:
        async with call.read() as found:
            return wire.limit_to_proto(await get_fraud_limit(found, request.code))

    @write(scope=_SCOPE)
    async def PutFraudLimit(self, request: pb.PutFraudLimitRequest, call: Call) -> pb.FraudLimit:
        draft = wire.limit_from_proto(request.limit)
        async with call.tx() as tx:
            limit = await put_fraud_limit(
                tx, draft, actor_id=call.caller.person_id, expected_version=request.expected_version
            )
        return wire.limit_to_proto(limit)

    @write(scope=_SCOPE)
    async def DeleteFraudLimit(
        self, request: pb.DeleteFraudLimitRequest, call: Call
    ) -> pb.DeleteFraudLimitResponse:
        async with call.tx() as tx:
            await delete_fraud_limit(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteFraudLimitResponse()

    @read(scope=_SCOPE)
    async def GetFraudSettings(
        self, request: pb.GetFraudSettingsRequest, call: Call
    ) -> pb.FraudSettings:
        async with call.read() as found:
            settings = await get_fraud_settings(found, request.channel or self._channel)
        return wire.settings_to_proto(settings)

    @write(scope=_SCOPE)
    async def PutFraudSettings(
        self, request: pb.PutFraudSettingsRequest, call: Call
    ) -> pb.FraudSettings:
        channel = request.settings.channel or self._channel
        draft = wire.settings_from_proto(request.settings, channel, self._scores.names)
        async with call.tx() as tx:
            settings = await put_fraud_settings(
                tx, draft, actor_id=call.caller.person_id, expected_version=request.expected_version
            )
        return wire.settings_to_proto(settings)
