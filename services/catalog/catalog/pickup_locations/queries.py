"""Locations by code, and by place: great-circle distances over an index of boxes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from catalog.errors import PickupLocationNotFound, PlaceNotFound, UnknownSku
from catalog.pickup_locations.model import PickupLocation
from catalog.products.model import Variant
from catalog.stock.model import StockLevel, available_column
from chassis.data.rows import columns_of
from chassis.data.statements import columns_sql, one_of, prepare
from chassis.data.tx import Read

# Mean radius of the Earth (IUGG R1).
EARTH_RADIUS_METERS: Final = 6_371_008.8
# The first circle that is searched, and by how much each next one is wider.
_FIRST_METERS: Final = 10_000.0
_WIDENING: Final = 4.0
# What rounding may take from a box.
_MARGIN_DEGREES: Final = 1e-6
_PAGE: Final = prepare(
    select(PickupLocation)
    .where(col(PickupLocation.code) > bindparam("after"))
    .order_by(col(PickupLocation.code))
    .limit(bindparam("size"))
)
_DISTANCE: Final = (
    "2 * %(radius)s::float8 * asin(sqrt(least(1, sin(radians(latitude - %(latitude)s::float8) / 2)"
    " ^ 2 + cos(radians(latitude)) * cos(radians(%(latitude)s::float8))"
    " * sin(radians(longitude - %(longitude)s::float8) / 2) ^ 2)))"
)
_NEAR: Final = (
    f"SELECT d.* FROM (SELECT {columns_sql(PickupLocation)}, {_DISTANCE} AS distance"
    " FROM pickup_location WHERE is_active"
    " AND (point(longitude, latitude) <@ box(point(%(w1)s::float8, %(south)s::float8),"
    " point(%(e1)s::float8, %(north)s::float8))"
    " OR point(longitude, latitude) <@ box(point(%(w2)s::float8, %(south)s::float8),"
    " point(%(e2)s::float8, %(north)s::float8)))) d"
    " WHERE d.distance <= %(within)s::float8"
    " AND (d.distance, d.code) > (%(after)s::float8, %(after_code)s::text)"
    " ORDER BY d.distance, d.code LIMIT %(size)s"
)
_AROUND_POSTAL_CODE: Final = (
    "(SELECT postal_code, latitude, longitude FROM pickup_location WHERE is_active AND"
    " country = %(country)s AND postal_code >= %(postcode)s ORDER BY postal_code LIMIT 1)"
    " UNION ALL (SELECT postal_code, latitude, longitude FROM pickup_location WHERE is_active AND"
    " country = %(country)s AND postal_code < %(postcode)s ORDER BY postal_code DESC LIMIT 1)"
)
_VARIANTS: Final = prepare(
    select(Variant.sku, Variant.id).where(one_of(Variant.sku, "skus"), col(Variant.is_active))
)
_AVAILABLE: Final = prepare(
    select(StockLevel.variant_id, StockLevel.warehouse, available_column).where(
        one_of(StockLevel.variant_id, "variant_ids"), one_of(StockLevel.warehouse, "warehouses")
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in degrees. One found by a postal code that is only similar is approximate."""

    latitude: float
    longitude: float
    is_approximate: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A location and its distance in metres along a great circle."""

    location: PickupLocation
    distance_meters: float


@dataclass(frozen=True, slots=True)
class _Boxes:
    """One or two boxes of degrees: a circle may cross the 180th meridian."""

    south: float
    north: float
    first: tuple[float, float]
    second: tuple[float, float]


def distance_meters(a: Place, b: Place) -> float:
    """The great-circle distance of two places (haversine)."""
    north, east = math.radians(b.latitude - a.latitude), math.radians(b.longitude - a.longitude)
    chord = (
        math.sin(north / 2) ** 2
        + math.cos(math.radians(a.latitude))
        * math.cos(math.radians(b.latitude))
        * math.sin(east / 2) ** 2
    )
    return 2 * EARTH_RADIUS_METERS * math.asin(math.sqrt(min(1.0, chord)))


async def list_pickup_locations(read: Read, *, after: str, size: int) -> list[PickupLocation]:
    """Locations after a code, in the order of their codes."""
    return await read.all(_PAGE, after=after, size=size)


async def get_pickup_location(read: Read, code: str) -> PickupLocation:
    """One location. Raises PickupLocationNotFound."""
    found = await read.get(PickupLocation, code) if code.isprintable() else None
    if found is None:
        raise PickupLocationNotFound(location=code[:40])
    return found


async def place_of_postcode(read: Read, country: str, postcode: str) -> Place:
    """The place of the location whose postal code has the longest beginning in common.

    Raises PlaceNotFound where none begins alike.
    """
    asked = postcode.strip()
    found = await read.fetch(_AROUND_POSTAL_CODE, {"country": country, "postcode": asked})
    best = max(found, key=lambda each: _common(each[0], asked), default=None)
    if best is None or not _common(best[0], asked):
        raise PlaceNotFound("no location has a postal code like it", country=country)
    return Place(best[1], best[2], is_approximate=best[0] != asked)


async def find_near(
    read: Read, place: Place, *, within_meters: float, after: tuple[float, str] | None, size: int
) -> list[Found]:
    """Active locations within a distance, nearest first, after a position.

    Circles grow until they hold enough: the cost is that of what lies near, not of all locations.
    """
    distance, code = after or (-1.0, "")
    reach = min(max(_FIRST_METERS, distance * 2), within_meters)
    while True:
        records = await read.fetch(_NEAR, _parameters(place, reach, distance, code, size))
        if len(records) >= size or reach >= within_meters:
            width = len(columns_of(PickupLocation))
            return [Found(PickupLocation.load(each[:width]), each[width]) for each in records]
        reach = min(reach * _WIDENING, within_meters)


async def availability_at(
    read: Read, skus: Sequence[str], warehouses: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Quantities that can be sold, by (SKU, warehouse). Raises UnknownSku with its place."""
    if not skus:
        return {}
    variants: dict[str, UUID] = dict(await read.all(_VARIANTS, skus=list(skus)))
    for number, sku in enumerate(skus):
        if sku not in variants:
            raise UnknownSku(path=f"skus[{number}]", sku=sku[:80])
    names = {variant_id: sku for sku, variant_id in variants.items()}
    counts = await read.all(_AVAILABLE, variant_ids=list(names), warehouses=sorted(set(warehouses)))
    return {(names[variant_id], code): available for variant_id, code, available in counts}


def _parameters(
    place: Place, reach: float, after: float, after_code: str, size: int
) -> dict[str, float | str | int]:
    boxes = _boxes(place, reach)
    return {
        "radius": EARTH_RADIUS_METERS,
        # Nine digits are 0.1 mm; much smaller numbers would underflow when squared.
        "latitude": round(place.latitude, 9),
        "longitude": round(place.longitude, 9),
        "south": boxes.south,
        "north": boxes.north,
        "w1": boxes.first[0],
        "e1": boxes.first[1],
        "w2": boxes.second[0],
        "e2": boxes.second[1],
        "within": reach,
        "after": after,
        "after_code": after_code,
        "size": size,
    }


def _boxes(place: Place, reach: float) -> _Boxes:
    """The boxes that hold a circle (Bronstein: at the tangent meridians sin Δλ = sin r / cos φ)."""
    angle = reach / EARTH_RADIUS_METERS
    degrees = math.degrees(angle) + _MARGIN_DEGREES
    south, north = place.latitude - degrees, place.latitude + degrees
    if south <= -90 or north >= 90:
        everywhere = (-180.0, 180.0)
        return _Boxes(max(south, -90.0), min(north, 90.0), everywhere, everywhere)
    ratio = math.sin(angle) / math.cos(math.radians(place.latitude))
    east = math.degrees(math.asin(min(1.0, ratio))) + _MARGIN_DEGREES
    west_edge, east_edge = place.longitude - east, place.longitude + east
    if west_edge < -180:
        return _Boxes(south, north, (-180.0, east_edge), (west_edge + 360, 180.0))
    if east_edge > 180:
        return _Boxes(south, north, (west_edge, 180.0), (-180.0, east_edge - 360))
    return _Boxes(south, north, (west_edge, east_edge), (west_edge, east_edge))


def _common(a: str, b: str) -> int:
    """Length of the beginning that two texts share."""
    return next(
        (index for index, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
        min(len(a), len(b)),
    )
