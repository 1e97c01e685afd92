"""Touchpoints of front ends, feedback, journeys, funnels and maps."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.requests import Request
from starlette.responses import Response

from chassis.rpc.documents import fill
from gateway import bodies
from gateway.access import KIB, MIB, Access
from gateway.context import context_of
from gateway.contracts.encoding import render
from gateway.conversions import convert, size_of
from gateway.enums import NameOf, value_of
from gateway.peers import peers_of
from gateway.problems import MalformedRequest, problem
from gateway.routing import Key, Routes, Slug, empty, etag_of, reply_with
from gateway.staff_routes import InvalidImport
from gateway.touchpoints import CONSENTS
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import journey_pb2 as pb

routes = Routes("journeys")
MapSlug = Annotated[
    str,
    Query(
        max_length=100,
        pattern=r"^[a-z0-9\-]*$",
        description="slug of a journey map; empty for the built-in one",
    ),
]
WhoId = Annotated[
    str, Query(pattern=r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?$", description="UUID")
]
Mark = Annotated[str, Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[
    int,
    Query(
        ge=0,
        le=10 * 366 * 86_400,
        description="how long after its first stage a journey counts; 0 for any time",
    ),
]
# A journey and a funnel are computed from all history.
_HISTORY_SECONDS = 15.0


def told_of(body: bodies.Beacon, now: datetime) -> Iterator[pb.BeaconTouchpoint]:
    """The good touchpoints of a beacon.

    Those without a time happened now, a microsecond apart, so that they keep their order.
    """
    at = Timestamp()
    at.FromDatetime(now)
    first = at.ToMicroseconds()
    for number, given in enumerate(body.touchpoints):
        if isinstance(given, bodies.RejectedTouchpoint):
            continue
        told = given.model_dump()
        occurred_at, outcome = (
            told.pop("occurred_at"),
            value_of(events_pb2.Outcome, told.pop("outcome")),
        )
        # Fifty at once are common, and most of their fields are empty: to set one takes as long as
        # to validate it.
        touchpoint = pb.BeaconTouchpoint(
            outcome=outcome, **{name: value for name, value in told.items() if value}
        )
        if occurred_at is not None:
            touchpoint.occurred_at.FromDatetime(occurred_at)
        else:
            touchpoint.occurred_at.FromMicroseconds(first + number)
        yield touchpoint


@routes.add(
    "POST",
    "/v1/touchpoints",
    access=Access.PUBLIC,
    most_bytes=256 * KIB,
    touchpoint=None,
    reply=pb.RecordTouchpointsResponse,
    status=202,
)
async def beacon(request: Request, body: bodies.Beacon) -> Response:
    """Stores touchpoints of a front end, up to 50 at once; each id counts once.

    Nothing is stored without consent: `Sojourn-Consent` is a list of analytics, marketing and
    personalization, or all, or none. A touchpoint that makes no sense is in `rejected`, and the
    others are stored; 422 if none makes sense.
    """
    context, peer = context_of(request), peers_of(request).journey
    rejected = {
        number: each
        for number, each in enumerate(body.touchpoints)
        if isinstance(each, bodies.RejectedTouchpoint)
    }
    if len(rejected) == len(body.touchpoints):
        errors = [
            {
                "loc": ["body", "touchpoints", str(number), *each.field.split(".")],
                "message": each.message,
                "type": each.reason.lower(),
            }
            for number, each in rejected.items()
        ]
        return problem(MalformedRequest("no touchpoint has the documented shape"), errors=errors)
    message = pb.RecordTouchpointsRequest(
        visitor_id=context.visitor_id,
        session_id=context.session_id,
        consent=CONSENTS[context.consent],
        channel=context.channel,
    )
    message.touchpoints.extend(told_of(body, request.app.state.clock.now()))
    reply = await peer.ask(request, peer.touchpoints.RecordTouchpoints, message)
    if rejected:
        # The service counts those that it got; the client counts those that it sent.
        places = [number for number in range(len(body.touchpoints)) if number not in rejected]
        later = [
            pb.RejectedTouchpoint(index=places[each.index], field=each.field, reason=each.reason)
            for each in reply.rejected
        ]
        own = [
            pb.RejectedTouchpoint(index=number, field=each.field, reason=each.reason)
            for number, each in rejected.items()
        ]
        del reply.rejected[:]
        reply.rejected.extend(sorted([*own, *later], key=lambda each: each.index))
    return reply_with(render(reply), status=202)


@routes.add(
    "DELETE", "/v1/touchpoints", access=Access.PUBLIC, touchpoint=None, reply=None, status=204
)
async def withdraw(request: Request) -> Response:
    """Withdraws the visitor's consent: what was stored of them is deleted, and nothing more is
    stored.
    """
    peer = peers_of(request).journey
    await peer.ask(
        request,
        peer.touchpoints.WithdrawConsent,
        pb.WithdrawConsentRequest(visitor_id=context_of(request).visitor_id),
    )
    return empty()


@routes.add(
    "POST",
    "/v1/feedback",
    access=Access.PUBLIC,
    most_bytes=16 * KIB,
    touchpoint=None,
    reply=pb.RecordFeedbackResponse,
    errors=(404, 409),
)
async def feedback(request: Request, body: bodies.Feedback) -> Response:
    """Answers the question of a survey link. A second answer replaces the first."""
    peer = peers_of(request).journey
    return reply_with(
        render(
            await peer.ask(
                request,
                peer.touchpoints.RecordFeedback,
                pb.RecordFeedbackRequest(**body.model_dump()),
            )
        )
    )


@routes.add(
    "GET",
    "/v1/me/journey",
    access=Access.SHOPPER,
    touchpoint=None,
    reply=pb.Journey,
    errors=(403, 404),
)
async def my_journey(request: Request, map: MapSlug = "") -> Response:
    """The caller's own journey."""
    peer = peers_of(request).journey
    return reply_with(
        render(await peer.ask(request, peer.journeys.GetJourney, pb.GetJourneyRequest(map=map)))
    )


@routes.add(
    "GET",
    "/v1/staff/journeys",
    access=Access.STAFF,
    scope="journeys.read",
    touchpoint=None,
    reply=pb.Journey,
    errors=(403, 404),
)
async def journey(
    request: Request,
    map: MapSlug = "",
    visitor_id: WhoId = "",
    customer_id: WhoId = "",
    order_id: WhoId = "",
    since: bodies.Time | None = None,
    until: bodies.Time | None = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="touchpoints, the newest")] = 200,
    spans: Annotated[
        bool, Query(description="whether to tell what the back end did; takes up to 2 s longer")
    ] = False,
) -> Response:
    """One person's journey, by visitor, customer or order."""
    peer = peers_of(request).journey
    message = pb.GetJourneyRequest(
        map=map,
        visitor_id=visitor_id,
        customer_id=customer_id,
        order_id=order_id,
        limit=limit,
        with_spans=spans,
    )
    _set_time_range(message, since, until)
    return reply_with(
        render(await peer.ask(request, peer.journeys.GetJourney, message, timeout=_HISTORY_SECONDS))
    )


@routes.add(
    "GET",
    "/v1/staff/funnel",
    access=Access.STAFF,
    scope="journeys.read",
    touchpoint=None,
    reply=pb.Funnel,
    errors=(403, 404),
)
async def funnel(
    request: Request,
    map: MapSlug = "",
    since: bodies.Time | None = None,
    until: bodies.Time | None = None,
    window_seconds: Seconds = 0,
    channel: Mark = "",
    utm_source: Mark = "",
    utm_medium: Mark = "",
    utm_campaign: Mark = "",
    by: Annotated[
        str,
        NameOf(pb.FunnelBreakdown, or_empty=True),
        Query(description="by what to break the funnel down"),
    ] = "",
    touchpoints: Annotated[
        bool,
        Query(
            description="whether to tell how each kind of touchpoint did; takes about as long again"
        ),
    ] = True,
) -> Response:
    """A map's funnel: people by stage in order, conversion, drop-off, median times, and how each
    kind of touchpoint did.
    """
    peer = peers_of(request).journey
    message = pb.GetFunnelRequest(
        map=map,
        window_seconds=window_seconds,
        channel=channel,
        utm_source=utm_source,
        utm_medium=utm_medium,
        utm_campaign=utm_campaign,
        by=value_of(pb.FunnelBreakdown, by),
        with_touchpoints=touchpoints,
        with_score=True,
    )
    _set_time_range(message, since, until)
    return reply_with(
        render(await peer.ask(request, peer.journeys.GetFunnel, message, timeout=_HISTORY_SECONDS))
    )


@routes.add(
    "GET",
    "/v1/staff/maps",
    access=Access.STAFF,
    scope="journeys.read",
    touchpoint=None,
    reply=pb.ListMapsResponse,
    errors=(403,),
)
async def maps(request: Request) -> Response:
    """All journey maps, the built-in one first."""
    peer = peers_of(request).journey
    return reply_with(render(await peer.ask(request, peer.journeys.ListMaps, pb.ListMapsRequest())))


@routes.add(
    "GET",
    "/v1/staff/maps/{slug}",
    access=Access.STAFF,
    scope="journeys.read",
    touchpoint=None,
    reply=pb.JourneyMap,
    errors=(403, 404),
)
async def journey_map(request: Request, slug: Slug) -> Response:
    """A journey map: stages with their rules, personas, pains, moments of truth."""
    peer = peers_of(request).journey
    found = await peer.ask(request, peer.journeys.GetMap, pb.GetMapRequest(slug=slug))
    return reply_with(render(found), headers=etag_of(found.version))


@routes.add(
    "PUT",
    "/v1/staff/maps/{slug}",
    access=Access.STAFF,
    scope="journeys.write",
    most_bytes=8 * MIB,
    touchpoint=None,
    reply=pb.JourneyMap,
    errors=(403, 404, 409, 412),
)
async def put_journey_map(
    request: Request, slug: Slug, body: bodies.JourneyMapInput, key: Key
) -> Response:
    """Creates or replaces a journey map; all history is read anew by its rules."""
    peer = peers_of(request).journey
    message = await convert(size_of(request), _map_of, {**body.map, "slug": slug})
    found = await peer.ask(request, peer.journeys.PutMap, message, key=key)
    return reply_with(render(found), headers=etag_of(found.version))


def _set_time_range(
    message: pb.GetJourneyRequest | pb.GetFunnelRequest,
    since: datetime | None,
    until: datetime | None,
) -> None:
    if since is not None:
        message.time_range.since.FromDatetime(since)
    if until is not None:
        message.time_range.until.FromDatetime(until)


def _map_of(document: dict[str, Any]) -> pb.PutMapRequest:
    """Returns the request that puts a map. Raises InvalidImport."""
    message = pb.PutMapRequest()
    try:
        fill(message.map, document)
    except (json_format.ParseError, ValueError, TypeError, RecursionError) as error:
        raise InvalidImport(
            "the map does not have the documented form", problem=str(error)[:200]
        ) from error
    return message
