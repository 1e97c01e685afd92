"""Zones, calendars, methods and rates of delivery, as staff keep them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint, KeyRule
from sojourn.checkout.v1.delivery_pb2_grpc import DeliveryServiceServicer

_WRITE: Final = staff("delivery.write")
_PAGED: Final = Parameters(defaults={"page_size": 50})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-zones",
        rpc=rpc(DeliveryServiceServicer.ListDeliveryZones),
        callers=_WRITE,
        touchpoint=None,
        query=_PAGED,
        text="Zones by code: places with the same methods and rates.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-zones/{code}",
        rpc=rpc(DeliveryServiceServicer.GetDeliveryZone),
        callers=_WRITE,
        touchpoint=None,
        text="A zone.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/delivery-zones/{code}",
        rpc=rpc(DeliveryServiceServicer.PutDeliveryZone),
        callers=_WRITE,
        touchpoint=None,
        body="zone",
        paths={"code": "zone.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a zone by its code. The most specific zone of an address "
        "counts: the longest beginning of a postal code, then a region, then a country.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/delivery-zones/{code}",
        rpc=rpc(DeliveryServiceServicer.DeleteDeliveryZone),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a zone that no method and no rate names. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-calendars",
        rpc=rpc(DeliveryServiceServicer.ListDeliveryCalendars),
        callers=_WRITE,
        touchpoint=None,
        query=_PAGED,
        text="Calendars by code: working days and holidays.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-calendars/{code}",
        rpc=rpc(DeliveryServiceServicer.GetDeliveryCalendar),
        callers=_WRITE,
        touchpoint=None,
        text="A calendar.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/delivery-calendars/{code}",
        rpc=rpc(DeliveryServiceServicer.PutDeliveryCalendar),
        callers=_WRITE,
        touchpoint=None,
        body="calendar",
        paths={"code": "calendar.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a calendar by its code. Methods of it leave and arrive on "
        "its working days only.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/delivery-calendars/{code}",
        rpc=rpc(DeliveryServiceServicer.DeleteDeliveryCalendar),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a calendar that no method names. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-methods",
        rpc=rpc(DeliveryServiceServicer.ListDeliveryMethods),
        callers=_WRITE,
        touchpoint=None,
        query=_PAGED,
        text="Delivery methods by code.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-methods/{code}",
        rpc=rpc(DeliveryServiceServicer.GetDeliveryMethod),
        callers=_WRITE,
        touchpoint=None,
        text="A delivery method.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/delivery-methods/{code}",
        rpc=rpc(DeliveryServiceServicer.PutDeliveryMethod),
        callers=_WRITE,
        touchpoint=None,
        body="method",
        paths={"code": "method.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces a delivery method by its code: its titles, the zones that "
        "it serves and in how many days, its cut-off time and its calendar.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/delivery-methods/{code}",
        rpc=rpc(DeliveryServiceServicer.DeleteDeliveryMethod),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a delivery method with its rates; orders keep their delivery. A repeat "
        "is fine.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-rates",
        rpc=rpc(DeliveryServiceServicer.ListDeliveryRates),
        callers=_WRITE,
        touchpoint=None,
        query=_PAGED,
        text="Rates by code, also those of one method, zone or currency.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/delivery-rates/{code}",
        rpc=rpc(DeliveryServiceServicer.GetDeliveryRate),
        callers=_WRITE,
        touchpoint=None,
        text="A rate.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/delivery-rates/{code}",
        rpc=rpc(DeliveryServiceServicer.PutDeliveryRate),
        callers=_WRITE,
        touchpoint=None,
        body="rate",
        paths={"code": "rate.code"},
        key=KeyRule.OPTIONAL,
        text="Creates or replaces the price of a method in a zone and a currency: brackets "
        "by mass, value or pieces, and from which value on delivery is free.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/delivery-rates/{code}",
        rpc=rpc(DeliveryServiceServicer.DeleteDeliveryRate),
        callers=_WRITE,
        touchpoint=None,
        key=KeyRule.OPTIONAL,
        status=204,
        text="Deletes a rate: the method is no longer offered there in its currency. A "
        "repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/delivery/import",
        rpc=rpc(DeliveryServiceServicer.ImportDelivery),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=1024 * KIB,
        text="Creates or replaces zones, calendars, methods and rates by their codes, all or "
        "none; others stay. A repeat changes nothing.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/delivery-preview",
        rpc=rpc(DeliveryServiceServicer.PreviewDelivery),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        key=KeyRule.NONE,
        text="The price and days of each delivery method for a parcel and an address, or why "
        "it is not offered there: changes nothing.",
    ),
)
