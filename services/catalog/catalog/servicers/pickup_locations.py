"""The edge of pick-up locations: as shoppers find them, and as staff keep them."""

from typing import Final

from catalog.directory import Directory
from catalog.errors import InvalidPlace, PickupLocationNotFound
from catalog.pickup_locations.actions import (
    delete_pickup_location,
    import_pickup_locations,
    put_pickup_location,
)
from catalog.pickup_locations.queries import (
    Found,
    Place,
    availability_at,
    find_near,
    get_pickup_location,
    list_pickup_locations,
    place_of_postcode,
)
from catalog.pickup_locations.wire import (
    decode_near,
    decode_pickup_location,
    encode_found,
    encode_pickup_location,
)
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import pickup_locations_pb2 as pb
from sojourn.catalog.v1 import pickup_locations_pb2_grpc as pb_grpc

_USUAL_KM: Final = 100


class PickupLocationServicer(Servicer, pb_grpc.PickupLocationServiceServicer):
    """Locations for shoppers."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(public=True)
    async def FindPickupLocations(
        self, request: pb.FindPickupLocationsRequest, call: Call
    ) -> pb.FindPickupLocationsResponse:
        if bool(request.near) is bool(request.postcode):
            raise InvalidPlace("give degrees or a postal code", path="near")
        size = size_of(request.page.size, default=20)
        after = _position(request.page.token)
        skus = list(dict.fromkeys(request.skus))
        async with call.read() as read:
            place = await self._place(read, request)
            found = await find_near(
                read,
                place,
                within_meters=(request.within_km or _USUAL_KM) * 1_000.0,
                after=after,
                size=size + 1,
            )
            shown = found[:size]
            counts = await availability_at(read, skus, [each.location.warehouse for each in shown])
            now = read.now
        last = shown[-1] if len(found) > size else None
        return pb.FindPickupLocationsResponse(
            locations=[encode_found(each, skus, counts, now) for each in shown],
            next_page_token=token_of([last.distance_meters, last.location.code]) if last else "",
            latitude=place.latitude,
            longitude=place.longitude,
            is_approximate=place.is_approximate,
        )

    @read(public=True)
    async def CheckPickupLocation(
        self, request: pb.CheckPickupLocationRequest, call: Call
    ) -> pb.PickupLocationFound:
        skus = list(dict.fromkeys(request.skus))
        async with call.read() as read:
            location = await get_pickup_location(read, request.code)
            if not location.is_active:
                raise PickupLocationNotFound(location=location.code)
            counts = await availability_at(read, skus, [location.warehouse])
            now = read.now
        return encode_found(Found(location, 0.0), skus, counts, now)

    async def _place(self, read: Read, request: pb.FindPickupLocationsRequest) -> Place:
        if request.near:
            return decode_near(request.near)
        country = request.country
        if not country:
            channels = (await self._directory.context(read)).channels
            countries = channels.channel(request.view.channel).countries
            country = countries[0] if countries else ""
        return await place_of_postcode(read, country, request.postcode)


class PickupLocationAdminServicer(Servicer, pb_grpc.PickupLocationAdminServiceServicer):
    """Locations for staff."""

    @read(scope="catalog.write")
    async def ListPickupLocations(
        self, request: pb.ListPickupLocationsRequest, call: Call
    ) -> pb.ListPickupLocationsResponse:
        size = size_of(request.page.size, default=50)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_pickup_locations(
                read, after=str(after[0]) if after else "", size=size + 1
            )
        return pb.ListPickupLocationsResponse(
            locations=map(encode_pickup_location, found[:size]),
            next_page_token=token_of([found[size - 1].code]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetPickupLocation(
        self, request: pb.GetPickupLocationRequest, call: Call
    ) -> pb.PickupLocation:
        async with call.read() as read:
            return encode_pickup_location(await get_pickup_location(read, request.code))

    @write(scope="catalog.write")
    async def PutPickupLocation(
        self, request: pb.PutPickupLocationRequest, call: Call
    ) -> pb.PickupLocation:
        async with call.tx() as tx:
            location = await put_pickup_location(
                tx,
                decode_pickup_location(request.code, request.location, tx.now),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return encode_pickup_location(location)

    @write(scope="catalog.write")
    async def DeletePickupLocation(
        self, request: pb.DeletePickupLocationRequest, call: Call
    ) -> pb.DeletePickupLocationResponse:
        async with call.tx() as tx:
            await delete_pickup_location(
                tx,
                request.code,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeletePickupLocationResponse()

    @write(scope="catalog.write", needs_key=True)
    async def ImportPickupLocations(
        self, request: pb.ImportPickupLocationsRequest, call: Call
    ) -> pb.ImportPickupLocationsResponse:
        async with call.tx() as tx:
            imported = await import_pickup_locations(
                tx,
                [
                    decode_pickup_location(each.code, each.location, tx.now)
                    for each in request.locations
                ],
                actor_id=call.caller.subject_id,
            )
        return pb.ImportPickupLocationsResponse(
            created=imported.created, updated=imported.updated, unchanged=imported.unchanged
        )


def _position(token: str) -> tuple[float, str] | None:
    position = position_of(token, length=2)
    if position is None:
        return None
    try:
        return float(position[0]), str(position[1])
    except (TypeError, ValueError, OverflowError):
        raise InvalidPageToken from None
