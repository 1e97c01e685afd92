"""Pick-up locations as messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from catalog.pickup_locations.model import PickupLocation
from catalog.pickup_locations.opening_hours import SpecialHours, WeeklyHours, opening_at
from catalog.pickup_locations.queries import Found, Place
from catalog.stock.availability import availability_of
from chassis.rpc.constraints import InvalidField
from chassis.rpc.wire import AVAILABILITIES, timestamp
from sojourn.catalog.v1 import pickup_locations_pb2 as pb


def encode_pickup_location(location: PickupLocation) -> pb.PickupLocation:
    return pb.PickupLocation(
        code=location.code,
        name=location.name,
        street_address=location.street_address,
        address_locality=location.address_locality,
        address_region=location.address_region,
        postal_code=location.postal_code,
        country=location.country,
        phone_number=location.phone_number,
        latitude=location.latitude,
        longitude=location.longitude,
        time_zone=location.time_zone,
        warehouse=location.warehouse,
        hours=[
            pb.OpeningHours(
                day=pb.Weekday.ValueType(each.day), opens=each.opens, closes=each.closes
            )
            for each in location.hours
        ],
        special_hours=[
            pb.SpecialOpeningHours(
                date=each.date, opens=each.opens, closes=each.closes, name=each.name
            )
            for each in location.special_hours
        ],
        services=location.services,
        active=location.is_active,
        version=location.version,
    )


def decode_pickup_location(
    code: str, given: pb.PickupLocationInput, now: datetime
) -> PickupLocation:
    """The location that staff give."""
    return PickupLocation(
        code=code,
        name=given.name,
        street_address=given.street_address,
        address_locality=given.address_locality,
        address_region=given.address_region,
        postal_code=given.postal_code.strip(),
        country=given.country,
        phone_number=given.phone_number,
        latitude=given.latitude,
        longitude=given.longitude,
        time_zone=given.time_zone,
        warehouse=given.warehouse or code,
        hours=[WeeklyHours(each.day, each.opens, each.closes) for each in given.hours],
        special_hours=[
            SpecialHours(each.date, each.opens, each.closes, each.name)
            for each in given.special_hours
        ],
        services=list(given.services),
        is_active=not given.hidden,
        updated_at=now,
    )


def decode_near(text: str) -> Place:
    """Raises InvalidField for degrees beyond the globe."""
    latitude, longitude = map(float, text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidField(
            "degrees north are within 90 and degrees east within 180", path="near", rule="range"
        )
    return Place(latitude, longitude)


def encode_found(
    found: Found, skus: Sequence[str], counts: Mapping[tuple[str, str], int], now: datetime
) -> pb.PickupLocationFound:
    location = found.location
    opening = opening_at(location.hours, location.special_hours, location.zone, now)
    return pb.PickupLocationFound(
        location=encode_pickup_location(location),
        distance_meters=round(found.distance_meters),
        is_open=opening.is_open,
        open_until=timestamp(opening.until),
        opens_at=timestamp(opening.next_at),
        availability=[
            pb.SkuAvailability(
                sku=sku,
                availability=AVAILABILITIES.encode(
                    availability_of(counts.get((sku, location.warehouse), 0))
                ),
            )
            for sku in skus
        ],
    )
