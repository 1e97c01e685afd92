"""Journeys, funnels and journey maps."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, staff
from gateway.endpoints.endpoint import KIB, MIB, WHOLE, Endpoint
from sojourn.journey.v1.journey_pb2_grpc import JourneyServiceServicer
from sojourn.journey.v1.people_pb2_grpc import PeopleServiceServicer

_READ: Final = staff("journeys.read")
# What reads much history takes long.
READ_SECONDS: Final = 15.0
_PERSON: Final = frozenset({"visitor_id", "customer_id", "order_id", "trace_id", "with_spans"})
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/me/journey",
        rpc=rpc(JourneyServiceServicer.GetJourney),
        callers=SHOPPER,
        touchpoint=None,
        hidden=_PERSON,
        name="GetMyJourney",
        text="The caller's own journey.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/journeys",
        rpc=rpc(JourneyServiceServicer.GetJourney),
        callers=_READ,
        touchpoint=None,
        query=Parameters(renamed={"with_spans": "spans"}),
        deadline_seconds=READ_SECONDS,
        text="One person's journey, by visitor, customer, order or trace.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/people",
        rpc=rpc(PeopleServiceServicer.FindPeople),
        callers=_READ,
        touchpoint=None,
        text="People by e-mail address, number of an order, customer, or id in the tool that their "
        "history was imported from. Their journeys are at `/v1/staff/journeys`: by `customer_id` "
        "for customers, and else by one of their `handles` as `visitor_id`.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/people/{handle_id}/separation",
        rpc=rpc(PeopleServiceServicer.SeparateHandle),
        callers=staff("journeys.write"),
        touchpoint=None,
        status=204,
        text="Parts a visitor's or guest's id from the person that it was taken for, until it is "
        "rejoined. What was done there while signed in stays the customer's.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/people/{handle_id}/separation",
        rpc=rpc(PeopleServiceServicer.RejoinHandle),
        callers=staff("journeys.write"),
        touchpoint=None,
        status=204,
        text="Joins a parted id with what it was and is seen with.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/funnel",
        rpc=rpc(JourneyServiceServicer.GetFunnel),
        callers=_READ,
        touchpoint=None,
        fixed={"with_score": True},
        query=Parameters(
            renamed={
                "with_touchpoints": "touchpoints",
                "with_revenue": "revenue",
                "with_bots": "bots",
                "channel": "channel",
            }
        ),
        deadline_seconds=READ_SECONDS,
        text="A map's funnel: people by stage in order, conversion, drop-off, median times, and "
        "how each kind of touchpoint did.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps",
        rpc=rpc(JourneyServiceServicer.ListMaps),
        callers=_READ,
        touchpoint=None,
        text="All journey maps, the built-in one first.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}",
        rpc=rpc(JourneyServiceServicer.GetMap),
        callers=_READ,
        touchpoint=None,
        text="A journey map: stages with their rules, personas, pains, moments of truth.",
    ),
    Endpoint(
        method="PUT",
        path="/v1/staff/maps/{slug}",
        rpc=rpc(JourneyServiceServicer.PutMap),
        callers=staff("journeys.write"),
        touchpoint=None,
        body=WHOLE,
        paths={"slug": "map.slug"},
        is_keyed=True,
        most_bytes=8 * MIB,
        text="Creates or replaces a journey map; all history is read anew by its rules.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/maps/{slug}",
        rpc=rpc(JourneyServiceServicer.DeleteMap),
        callers=staff("journeys.write"),
        touchpoint=None,
        status=204,
        text="Deletes a journey map. Its versions stay, and one of them can be taken up again.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/versions",
        rpc=rpc(JourneyServiceServicer.ListMapVersions),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Versions of a journey map, the newest first, also of one that was deleted.",
    ),
    Endpoint(
        method="GET",
        path="/v1/staff/maps/{slug}/versions/{number}",
        rpc=rpc(JourneyServiceServicer.GetMapVersion),
        callers=_READ,
        touchpoint=None,
        text="A journey map as it was in one version.",
    ),
    Endpoint(
        method="POST",
        path="/v1/staff/maps/{slug}/roll-back",
        rpc=rpc(JourneyServiceServicer.RollBackMap),
        callers=staff("journeys.write"),
        touchpoint=None,
        body=WHOLE,
        is_keyed=True,
        most_bytes=16 * KIB,
        example={"number": 2},
        text="Makes a version of a journey map the present one again, as its newest version.",
    ),
)
