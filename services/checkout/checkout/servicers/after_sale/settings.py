"""AfterSaleService."""

from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.after_sale import wire
from checkout.after_sale.actions import put_after_sale_settings
from checkout.after_sale.queries import get_after_sale_settings
from checkout.settings import CheckoutSettings
from sojourn.checkout.v1 import after_sale_pb2 as pb
from sojourn.checkout.v1 import after_sale_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class AfterSaleServicer(Servicer, pb_grpc.AfterSaleServiceServicer):
    """Settings of channels for what follows a sale."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, settings: CheckoutSettings
    ) -> None:
        super().__init__(database, verifier)
        self._settings = settings

    @read(scope=_SCOPE)
    async def GetAfterSaleSettings(
        self, request: pb.GetAfterSaleSettingsRequest, call: Call
    ) -> pb.AfterSaleSettings:
        channel = request.channel or self._settings.default_channel
        async with call.read() as found:
            return wire.settings_to_proto(await get_after_sale_settings(found, channel))

    @write(scope=_SCOPE)
    async def PutAfterSaleSettings(
        self, request: pb.PutAfterSaleSettingsRequest, call: Call
    ) -> pb.AfterSaleSettings:
        channel = request.settings.channel or self._settings.default_channel
        draft = wire.settings_from_proto(request.settings, channel)
        async with call.tx() as tx:
            found = await put_after_sale_settings(
                tx, draft, actor_id=call.caller.person_id, expected_version=request.expected_version
            )
        return wire.settings_to_proto(found)
