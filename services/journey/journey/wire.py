"""Rows to messages, and back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.rpc import documents
from chassis.rpc.auth import Caller
from chassis.rpc.borders import require_valid_request
from chassis.rpc.constraints import InvalidField, require_constraints
from chassis.rpc.ids import InvalidId, parse_id, parse_optional_id
from chassis.rpc.wire import EnumCodec, timestamp
from chassis.runtime.clock import uuid7
from journey.consents.model import Answer
from journey.errors import InvalidTouchpoint
from journey.feedback.model import Score
from journey.journeys.queries import Journey, Placed
from journey.journeys.traces import Spans
from journey.maps.model import JourneyMap, MapType, Stage, localized
from journey.touchpoints.kinds import parse_kind
from journey.touchpoints.model import (
    MOST_DEVICE,
    MOST_SESSION,
    Campaign,
    Outcome,
    Source,
    Touchpoint,
    clean_text,
    derive_touchpoint_id,
    parse_host,
    parse_reason,
    serialize_properties,
)
from journey.touchpoints.record import Seen
from journey.touchpoints.times import require_possible
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import journey_pb2 as pb

_OLDEST_BEACON: Final = timedelta(days=1)
_LONGEST_MS: Final = 2**31 - 1
CONSENTS: Final = EnumCodec(events_pb2.Consent, Answer, unspecified=Answer.UNKNOWN)
OUTCOMES: Final = EnumCodec(events_pb2.Outcome, Outcome, unspecified=Outcome.OK)
SOURCES: Final = EnumCodec(pb.TouchpointSource, Source)
Ranged = pb.GetJourneyRequest | pb.GetFunnelRequest | pb.GetRecommendationScoreRequest


def time_or_none(message: Any, field: str) -> datetime | None:
    """The time in a field, where it is set."""
    return getattr(message, field).ToDatetime(UTC) if message.HasField(field) else None


def times_of(request: Ranged) -> tuple[datetime | None, datetime | None]:
    """The time range of a request: not before, and before."""
    return time_or_none(request.time_range, "since"), time_or_none(request.time_range, "until")


_NO_CAMPAIGN: Final = ("", "", "", "", "", "", "")


def trace_of(text: str) -> UUID | None:
    """A trace id; None for what is none."""
    try:
        return UUID(text) if len(text) == 32 else None
    except ValueError:
        return None


def seen_of_gateway(message: events_pb2.Touchpoint, now: datetime, default_channel: str) -> Seen:
    """A touchpoint of the gateway's. Raises InvalidId, InvalidTouchpoint, InvalidTime."""
    if not message.HasField("occurred_at"):
        raise InvalidTouchpoint("a time is needed", field="occurred_at")
    at = message.occurred_at
    require_valid_request(at)
    text = clean_text
    return Seen(
        Touchpoint(
            parse_id(message.id, "id"),
            parse_id(message.visitor_id, "visitor_id"),
            parse_optional_id(message.guest_id, "guest_id"),
            parse_optional_id(message.customer_id, "customer_id"),
            trace_of(message.trace_id),
            require_possible(
                datetime.fromtimestamp(at.seconds + at.nanos // 1_000 / 1e6, UTC), now
            ),
            now,
            max(0, min(message.duration_ms, _LONGEST_MS)),
            parse_kind(message.kind),
            Source.GATEWAY.value,
            text(message.channel, MOST_SESSION) or default_channel,
            OUTCOMES.decode(message.outcome),
            parse_reason(message.reason),
            text(message.subject),
            text(message.session_id, MOST_SESSION),
            *campaign_of(message),
            serialize_properties(message.properties),
            device=text(message.device, MOST_DEVICE),
        ),
        CONSENTS.decode(message.consent),
    )


def campaign_of(
    message: events_pb2.Touchpoint | pb.BeaconTouchpoint,
) -> tuple[str, str, str, str, str, str, str]:
    """The campaign columns, in their order."""
    if not (
        message.utm_source
        or message.utm_medium
        or message.utm_campaign
        or message.utm_term
        or message.utm_content
        or message.click_id
        or message.referrer_host
    ):
        return _NO_CAMPAIGN
    text = clean_text
    return (
        text(message.utm_source),
        text(message.utm_medium),
        text(message.utm_campaign),
        text(message.utm_term),
        text(message.utm_content),
        text(message.click_id),
        parse_host(message.referrer_host) if message.referrer_host else "",
    )


def seen_of_beacon(
    request: pb.RecordTouchpointsRequest,
    caller: Caller,
    now: datetime,
    default_channel: str,
    trace_id: str,
) -> tuple[list[Seen], list[pb.RejectedTouchpoint]]:
    """Returns the touchpoints of a front end, all of one visitor, and those that make no sense.

    Raises InvalidId, and InvalidTouchpoint with the index of the first one where none makes sense.
    """
    visitor_id = parse_id(request.visitor_id, "visitor_id")
    answer, channel = (
        CONSENTS.decode(request.consent),
        clean_text(request.channel, MOST_SESSION) or default_channel,
    )
    session_id = clean_text(request.session_id, MOST_SESSION)
    shopper_id = caller.subject_id if caller.kind in ("guest", "customer") else None
    seen, rejected = list[Seen](), list[pb.RejectedTouchpoint]()
    for index, message in enumerate(request.touchpoints):
        try:
            row = _of_beacon(message, visitor_id, now)
        except (InvalidTouchpoint, InvalidId) as error:
            if len(request.touchpoints) == 1:
                raise InvalidTouchpoint(error.message, index=index, **error.metadata) from None
            rejected.append(
                pb.RejectedTouchpoint(
                    index=index, field=error.metadata.get("field", ""), reason=error.reason
                )
            )
            continue
        row = row._replace(
            guest_id=shopper_id if caller.kind == "guest" else None,
            customer_id=shopper_id if caller.kind == "customer" else None,
            channel=channel,
            session_id=session_id,
            trace_id=trace_of(trace_id),
            # Those of one time are in the order in which they were sent.
            sequence=index,
            device=clean_text(request.device, MOST_DEVICE),
        )
        seen.append(Seen(row, answer))
    if not seen:
        raise InvalidTouchpoint(
            "no touchpoint makes sense", index=rejected[0].index, field=rejected[0].field
        )
    return seen, rejected


def _of_beacon(message: pb.BeaconTouchpoint, visitor_id: UUID, now: datetime) -> Touchpoint:
    try:
        require_constraints(message)
    except InvalidField as error:
        raise InvalidTouchpoint(error.message, field=error.metadata["path"]) from None
    at = time_or_none(message, "occurred_at")
    if at is not None:
        require_possible(at, now)
    given = parse_optional_id(message.id, "id")
    campaign: dict[str, Any] = dict(zip(Campaign._fields, campaign_of(message), strict=True))
    return Touchpoint(
        # A client's id is unique among its visitor's only: nobody can take another's.
        id=derive_touchpoint_id("beacon", str(visitor_id), str(given)) if given else uuid7(),
        visitor_id=visitor_id,
        guest_id=None,
        customer_id=None,
        trace_id=None,
        occurred_at=at if at and now - _OLDEST_BEACON <= at <= now else now,
        received_at=now,
        duration_ms=min(message.duration_ms, _LONGEST_MS) if message.duration_ms > 0 else None,
        kind=parse_kind(message.kind),
        source=Source.BEACON,
        channel="",
        outcome=OUTCOMES.decode(message.outcome),
        subject=clean_text(message.subject),
        properties=serialize_properties(message.properties),
        **campaign,
    )


def document_of(message: pb.JourneyMap) -> dict[str, Any]:
    """A map as its document."""
    document = documents.document_of(message)
    for name in ("version", "is_built_in"):
        document.pop(name, None)
    return document


def journey_map(found: JourneyMap) -> pb.JourneyMap:
    message = pb.JourneyMap()
    documents.fill(message, dict(found.document), ignore_unknown_fields=True)
    message.version, message.is_built_in = found.version, found.is_built_in
    for stage in message.stages:
        for rule in stage.rules:
            # A document may leave it out; the answer says it, and can be put as it is.
            rule.occurrence = rule.occurrence or pb.OCCURRENCE_ANY
    return message


_TYPES: Final = {one.value: pb.MapType.Value(f"MAP_TYPE_{one.name}") for one in MapType}


def brief_map(found: JourneyMap) -> pb.JourneyMap:
    """A map without its descriptive parts."""
    return pb.JourneyMap(
        slug=found.slug,
        version=found.version,
        name=found.name,
        description=found.document.get("description") or {},
        stages=[pb.Stage(slug=stage.slug, name=stage.name) for stage in found.stages],
        is_built_in=found.is_built_in,
        type=_TYPES.get(str(found.document.get("type") or "")),
    )


def map_version(number: int, changed_by: UUID, changed_at: datetime) -> pb.MapVersion:
    return pb.MapVersion(
        number=number, changed_by=str(changed_by), changed_at=timestamp(changed_at)
    )


def score(found: Score) -> pb.RecommendationScore:
    return pb.RecommendationScore(
        answers=found.answers,
        promoters=found.promoters,
        passives=found.passives,
        detractors=found.detractors,
        score=found.value,
    )


def journey(found: Journey, chart: JourneyMap, *, locale: str, trace_url: str) -> pb.Journey:
    message = pb.Journey(
        map=chart.slug,
        map_version=chart.version,
        person_id=str(found.person.id),
        is_customer=found.person.is_customer,
        touchpoints=[placed(one, chart.stages, trace_url) for one in found.touchpoints],
        is_truncated=found.is_truncated,
    )
    for stage, stay in zip(chart.stages, found.stays, strict=True):
        part = message.stages.add(
            slug=stage.slug,
            name=localized(stage.name, locale),
            touchpoints=stay.touchpoints,
            errors=stay.errors,
            refused=stay.refused,
            seconds=stay.time.total_seconds(),
            outcome=OUTCOMES.encode(stay.outcome) if stay.outcome else None,
        )
        if stay.entered_at and stay.left_at:
            part.entered_at.FromDatetime(stay.entered_at)
            part.left_at.FromDatetime(stay.left_at)
    return message


def add_spans(message: pb.Journey, spans: Spans, *, is_connected: bool) -> None:
    """Adds the spans of a journey's traces, and whether any are missing."""
    if not is_connected:
        message.trace_status = pb.TRACE_STATUS_NOT_CONNECTED
        return
    is_complete = all(found is not None for found in spans.values())
    message.trace_status = pb.TRACE_STATUS_COMPLETE if is_complete else pb.TRACE_STATUS_INCOMPLETE
    for trace_id, found in spans.items():
        for span in found or ():
            message.spans.add(
                trace_id=trace_id,
                service=span.service,
                name=span.name,
                kind=span.kind,
                start_ms=span.start_ms,
                duration_ms=span.duration_ms,
                is_error=span.is_error,
            )


def placed(one: Placed, stages: Sequence[Stage], trace_url: str) -> pb.JourneyTouchpoint:
    row = one.row
    trace_id = row.trace_id.hex if row.trace_id else ""
    message = pb.JourneyTouchpoint(
        id=str(row.id),
        stage=stages[one.stage].slug if one.stage is not None else "",
        kind=row.kind,
        source=SOURCES.encode(row.source),
        channel=row.channel,
        subject=row.subject,
        outcome=OUTCOMES.encode(row.outcome),
        reason=row.reason,
        trace_id=trace_id,
        trace_url=link_to(trace_url, trace_id),
        occurred_at=timestamp(row.occurred_at),
        utm_source=row.utm_source,
        utm_medium=row.utm_medium,
        utm_campaign=row.utm_campaign,
        referrer_host=row.referrer_host,
        properties=one.properties,
    )
    if row.duration_ms is not None:
        message.duration_ms = row.duration_ms
    return message


def link_to(template: str, trace_id: str) -> str:
    """Returns the URL of a trace; empty without a template or without a trace."""
    return template.replace("{trace_id}", trace_id) if trace_id else ""


def texts_of(values: Mapping[str, object]) -> dict[str, str]:
    """Values as the texts that properties are; without those that are empty."""
    return {name: str(value) for name, value in values.items() if value not in ("", None)}
