"""Pick-up locations, as staff keep them."""

from typing import Final

from pydantic import JsonValue

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, MIB, WHOLE, Endpoint
from sojourn.catalog.v1.pickup_locations_pb2_grpc import PickupLocationAdminServiceServicer

_CATALOG: Final = staff("catalog.write")
_PATH: Final = "/v1/staff/pickup-locations"
_IMPORT_SECONDS: Final = 30.0
_LOCATION: Final[dict[str, JsonValue]] = {
    "name": "Berlin Mitte",
    "street_address": "Hauptstr. 5",
    "address_locality": "Berlin",
    "postal_code": "10827",
    "country": "DE",
    "latitude": 52.52,
    "longitude": 13.405,
    "time_zone": "Europe/Berlin",
    "hours": [{"day": "monday", "opens": "09:00", "closes": "19:30"}],
    "special_hours": [{"date": "2026-12-25", "name": "Christmas Day"}],
    "services": ["Click and collect"],
}
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(PickupLocationAdminServiceServicer.ListPickupLocations),
        callers=_CATALOG,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="All pick-up locations, by code.",
    ),
    Endpoint(
        method="POST",
        path=f"{_PATH}/import",
        rpc=rpc(PickupLocationAdminServiceServicer.ImportPickupLocations),
        callers=_CATALOG,
        touchpoint=None,
        body=WHOLE,
        deadline_seconds=_IMPORT_SECONDS,
        most_bytes=4 * MIB,
        example={"locations": [{"code": "berlin-mitte", "location": _LOCATION}]},
        text="Creates or replaces up to 500 pick-up locations by code, all or none. A repeat "
        "changes nothing.",
    ),
    Endpoint(
        method="GET",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PickupLocationAdminServiceServicer.GetPickupLocation),
        callers=_CATALOG,
        touchpoint=None,
        text="A pick-up location.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PickupLocationAdminServiceServicer.PutPickupLocation),
        callers=_CATALOG,
        touchpoint=None,
        body="location",
        most_bytes=128 * KIB,
        example=_LOCATION,
        text="Creates or replaces a pick-up location.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_PATH}/{{code}}",
        rpc=rpc(PickupLocationAdminServiceServicer.DeletePickupLocation),
        callers=_CATALOG,
        touchpoint=None,
        status=204,
        text="Deletes a pick-up location. Its warehouse and its stock stay.",
    ),
)
