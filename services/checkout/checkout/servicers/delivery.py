"""The edge of staff who keep delivery settings."""

from typing import Final, TypeVar

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.delivery import actions, carriers, queries, wire
from checkout.delivery.model import (
    DeliveryCalendar,
    DeliveryCarrier,
    DeliveryMethod,
    DeliveryRate,
    DeliveryZone,
)
from checkout.delivery.options import option_of
from checkout.delivery.queries import Setting
from checkout.delivery.seeds import SEEDED
from checkout.settings import CheckoutSettings
from sojourn.checkout.v1 import delivery_pb2 as pb
from sojourn.checkout.v1 import delivery_pb2_grpc as pb_grpc
from sojourn.common.v1.page_pb2 import Page

_SCOPE: Final = "delivery.write"
S = TypeVar("S", bound=Setting)


class DeliveryServicer(Servicer, pb_grpc.DeliveryServiceServicer):
    """Zones, calendars, carriers, methods and rates of delivery for staff."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, settings: CheckoutSettings
    ) -> None:
        super().__init__(database, verifier)
        self._settings = settings

    @read(scope=_SCOPE)
    async def ListDeliveryZones(
        self, request: pb.ListDeliveryZonesRequest, call: Call
    ) -> pb.ListDeliveryZonesResponse:
        size, after = _asked(request.page)
        async with call.read() as reading:
            found = await queries.list_settings(reading, DeliveryZone, after=after, size=size + 1)
        page, token = pagination.page_by_code(found, size)
        return pb.ListDeliveryZonesResponse(
            zones=map(wire.zone_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetDeliveryZone(
        self, request: pb.GetDeliveryZoneRequest, call: Call
    ) -> pb.DeliveryZone:
        async with call.read() as reading:
            found = await queries.get_setting(reading, DeliveryZone, request.code)
        return wire.zone_to_proto(found)

    @write(scope=_SCOPE)
    async def PutDeliveryZone(
        self, request: pb.PutDeliveryZoneRequest, call: Call
    ) -> pb.DeliveryZone:
        draft = wire.zone_from_proto(request.zone, "zone")
        async with call.tx() as tx:
            found = await actions.put_delivery_zone(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.zone_to_proto(found)

    @write(scope=_SCOPE)
    async def DeleteDeliveryZone(
        self, request: pb.DeleteDeliveryZoneRequest, call: Call
    ) -> pb.DeleteDeliveryZoneResponse:
        async with call.tx() as tx:
            await actions.delete_delivery_zone(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDeliveryZoneResponse()

    @read(scope=_SCOPE)
    async def ListDeliveryCalendars(
        self, request: pb.ListDeliveryCalendarsRequest, call: Call
    ) -> pb.ListDeliveryCalendarsResponse:
        size, after = _asked(request.page)
        async with call.read() as reading:
            found = await queries.list_settings(
                reading, DeliveryCalendar, after=after, size=size + 1
            )
        page, token = pagination.page_by_code(found, size)
        return pb.ListDeliveryCalendarsResponse(
            calendars=map(wire.calendar_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetDeliveryCalendar(
        self, request: pb.GetDeliveryCalendarRequest, call: Call
    ) -> pb.DeliveryCalendar:
        async with call.read() as reading:
            found = await queries.get_setting(reading, DeliveryCalendar, request.code)
        return wire.calendar_to_proto(found)

    @write(scope=_SCOPE)
    async def PutDeliveryCalendar(
        self, request: pb.PutDeliveryCalendarRequest, call: Call
    ) -> pb.DeliveryCalendar:
        draft = wire.calendar_from_proto(request.calendar, "calendar")
        async with call.tx() as tx:
            found = await actions.put_delivery_calendar(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.calendar_to_proto(found)

    @write(scope=_SCOPE)
    async def DeleteDeliveryCalendar(
        self, request: pb.DeleteDeliveryCalendarRequest, call: Call
    ) -> pb.DeleteDeliveryCalendarResponse:
        async with call.tx() as tx:
            await actions.delete_delivery_calendar(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDeliveryCalendarResponse()

    @read(scope=_SCOPE)
    async def ListDeliveryCarriers(
        self, request: pb.ListDeliveryCarriersRequest, call: Call
    ) -> pb.ListDeliveryCarriersResponse:
        size, after = _asked(request.page)
        async with call.read() as reading:
            found = await queries.list_settings(
                reading, DeliveryCarrier, after=after, size=size + 1
            )
        page, token = pagination.page_by_code(found, size)
        return pb.ListDeliveryCarriersResponse(
            carriers=map(carriers.carrier_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetDeliveryCarrier(
        self, request: pb.GetDeliveryCarrierRequest, call: Call
    ) -> pb.DeliveryCarrier:
        async with call.read() as reading:
            found = await queries.get_setting(reading, DeliveryCarrier, request.code)
        return carriers.carrier_to_proto(found)

    @write(scope=_SCOPE)
    async def PutDeliveryCarrier(
        self, request: pb.PutDeliveryCarrierRequest, call: Call
    ) -> pb.DeliveryCarrier:
        draft = carriers.carrier_from_proto(request.carrier, "carrier")
        carriers.require_connected([("carrier", draft)], self._settings.carrier_names)
        async with call.tx() as tx:
            found = await actions.put_delivery_carrier(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return carriers.carrier_to_proto(found)

    @write(scope=_SCOPE)
    async def DeleteDeliveryCarrier(
        self, request: pb.DeleteDeliveryCarrierRequest, call: Call
    ) -> pb.DeleteDeliveryCarrierResponse:
        async with call.tx() as tx:
            await actions.delete_delivery_carrier(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDeliveryCarrierResponse()

    @read(scope=_SCOPE)
    async def ListDeliveryMethods(
        self, request: pb.ListDeliveryMethodsRequest, call: Call
    ) -> pb.ListDeliveryMethodsResponse:
        size, after = _asked(request.page)
        async with call.read() as reading:
            found = await queries.list_settings(reading, DeliveryMethod, after=after, size=size + 1)
        page, token = pagination.page_by_code(found, size)
        return pb.ListDeliveryMethodsResponse(
            methods=map(wire.method_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetDeliveryMethod(
        self, request: pb.GetDeliveryMethodRequest, call: Call
    ) -> pb.DeliveryMethod:
        async with call.read() as reading:
            found = await queries.get_setting(reading, DeliveryMethod, request.code)
        return wire.method_to_proto(found)

    @write(scope=_SCOPE)
    async def PutDeliveryMethod(
        self, request: pb.PutDeliveryMethodRequest, call: Call
    ) -> pb.DeliveryMethod:
        draft = wire.method_from_proto(request.method, "method")
        async with call.tx() as tx:
            found = await actions.put_delivery_method(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.method_to_proto(found)

    @write(scope=_SCOPE)
    async def DeleteDeliveryMethod(
        self, request: pb.DeleteDeliveryMethodRequest, call: Call
    ) -> pb.DeleteDeliveryMethodResponse:
        async with call.tx() as tx:
            await actions.delete_delivery_method(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDeliveryMethodResponse()

    @read(scope=_SCOPE)
    async def ListDeliveryRates(
        self, request: pb.ListDeliveryRatesRequest, call: Call
    ) -> pb.ListDeliveryRatesResponse:
        size, after = _asked(request.page)
        async with call.read() as reading:
            found = await queries.list_delivery_rates(
                reading,
                method=request.method,
                zone=request.zone,
                currency=request.currency,
                after=after,
                size=size + 1,
            )
        page, token = pagination.page_by_code(found, size)
        return pb.ListDeliveryRatesResponse(
            rates=map(wire.rate_to_proto, page), next_page_token=token
        )

    @read(scope=_SCOPE)
    async def GetDeliveryRate(
        self, request: pb.GetDeliveryRateRequest, call: Call
    ) -> pb.DeliveryRate:
        async with call.read() as reading:
            found = await queries.get_setting(reading, DeliveryRate, request.code)
        return wire.rate_to_proto(found)

    @write(scope=_SCOPE)
    async def PutDeliveryRate(
        self, request: pb.PutDeliveryRateRequest, call: Call
    ) -> pb.DeliveryRate:
        draft = wire.rate_from_proto(request.rate, "rate")
        async with call.tx() as tx:
            found = await actions.put_delivery_rate(
                tx,
                draft,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return wire.rate_to_proto(found)

    @write(scope=_SCOPE)
    async def DeleteDeliveryRate(
        self, request: pb.DeleteDeliveryRateRequest, call: Call
    ) -> pb.DeleteDeliveryRateResponse:
        async with call.tx() as tx:
            await actions.delete_delivery_rate(
                tx,
                request.code,
                actor_id=call.caller.person_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteDeliveryRateResponse()

    @write(scope=_SCOPE, needs_key=True)
    async def ImportDelivery(
        self, request: pb.ImportDeliveryRequest, call: Call
    ) -> pb.ImportDeliveryResponse:
        drafts = wire.drafts_from_proto(request)
        carriers.require_connected(drafts.carriers, self._settings.carrier_names)
        async with call.tx() as tx:
            done = await actions.import_delivery(tx, drafts, actor_id=call.caller.person_id)
        return pb.ImportDeliveryResponse(
            created=done.created, updated=done.updated, unchanged=done.unchanged
        )

    @read(scope=_SCOPE)
    async def PreviewDelivery(
        self, request: pb.PreviewDeliveryRequest, call: Call
    ) -> pb.PreviewDeliveryResponse:
        code = request.channel or self._settings.default_channel
        channel = self._settings.channel(code)
        goods = wire.goods_of_preview(request, origin=channel.origin_country, channel=code)
        async with call.read() as reading:
            # Staff see what they just changed, without waiting for the cached table.
            revision = await queries.GROUP.find_revision(reading)
            table = SEEDED if revision is None else await queries.load_table(reading, revision)
        now, zone = self.database.clock.now(), table.zone_of(goods)
        found = [
            (quote, option_of(quote, goods, now=now, locale=request.locale))
            for quote in table.quotes(goods, has_pickup=channel.pickup)
        ]
        found.sort(
            key=lambda each: (
                each[1] is None,
                each[0].lane.position if each[1] else 0,
                each[0].price_minor,
                each[0].lane.method,
            )
        )
        return pb.PreviewDeliveryResponse(
            served=goods.country in channel.countries,
            zone=zone.code if zone else "",
            methods=[wire.quote_to_proto(quote, option, request.locale) for quote, option in found],
        )


def _asked(page: Page) -> tuple[int, str]:
    """Returns the size of a page, and the code after which it begins."""
    return pagination.size_of(page.size, default=50), pagination.code_of(page.token)
