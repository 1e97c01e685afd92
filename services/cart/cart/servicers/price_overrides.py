"""The edge of agreed prices."""

from typing import Final

from cart.carts import queries
from cart.carts.totals import price_cart
from cart.carts.wire import cart_to_proto
from cart.price_overrides.actions import (
    override_price,
    put_price_override_settings,
)
from cart.price_overrides.queries import get_price_override_settings
from cart.price_overrides.wire import agreed_price_from_proto, settings_to_proto
from cart.wiring import Wiring
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.cart.v1 import cart_pb2
from sojourn.cart.v1 import price_overrides_pb2 as pb
from sojourn.cart.v1 import price_overrides_pb2_grpc as pb_grpc

_SCOPE: Final = "promotions.write"


class PriceOverrideServicer(Servicer, pb_grpc.PriceOverrideServiceServicer):
    """Agreed prices of carts, and their limit."""

    def __init__(self, database: Database, verifier: TokenVerifier, wiring: Wiring) -> None:
        super().__init__(database, verifier)
        self._wiring = wiring

    @write(delegated=True)
    async def OverridePrice(self, request: pb.OverridePriceRequest, call: Call) -> cart_pb2.Cart:
        wanted = agreed_price_from_proto(request)
        async with call.read() as found:
            cart, _ = await queries.get_cart(found, wanted.cart_id, call.caller.shopper_id)
        offers = await self._wiring.catalog.get_offers(cart.catalog_context, cart.variant_ids)
        context = self._wiring.change_context(offers, expected_version=request.expected_version)
        async with call.tx() as tx:
            priced = await override_price(tx, wanted, context, caller=call.caller)
        return cart_to_proto(price_cart(priced, tx.now))

    @read(scope=_SCOPE)
    async def GetPriceOverrideSettings(
        self, request: pb.GetPriceOverrideSettingsRequest, call: Call
    ) -> pb.PriceOverrideSettings:
        channel = request.channel or self._wiring.default_channel
        async with call.read() as found:
            return settings_to_proto(await get_price_override_settings(found, channel))

    @write(scope=_SCOPE)
    async def PutPriceOverrideSettings(
        self, request: pb.PutPriceOverrideSettingsRequest, call: Call
    ) -> pb.PriceOverrideSettings:
        async with call.tx() as tx:
            settings = await put_price_override_settings(
                tx,
                request.settings.channel or self._wiring.default_channel,
                request.settings.most_basis_points,
                caller=call.caller,
                expected_version=request.expected_version,
            )
        return settings_to_proto(settings)
