"""A bad message or row stops nothing: other touchpoints are stored, other maps work."""

from collections.abc import Awaitable
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chassis.data import isolation
from chassis.events.broker import TOUCHPOINTS, Broker
from chassis.rpc.errors import DomainError, Internal, Invalid
from chassis.runtime.clock import uuid7
from chassis.testing import eventually, running
from journey.errors import InvalidMap
from journey.maps.model import MOST_BYTES, MOST_PERSONAS, MOST_STAGES, MOST_TEXT, JourneyMap
from journey.touchpoints.stream import DURABLE, SUBJECT, GatewayTouchpoints
from services.journey.tests.journey_world import (
    CONSENTS,
    World,
    a_touchpoint,
    an_id,
    from_gateway,
    kinds,
)
from sojourn.common.v1.time_range_pb2 import TimeRange
from sojourn.journey.v1 import events_pb2
from sojourn.journey.v1 import journey_pb2 as pb

BAD_TOUCHPOINTS: list[dict[str, Any]] = [
    {"duration_ms": 2**31 - 1},
    {"duration_ms": -(2**31)},
    {"id": "x"},
    {"visitor_id": ""},
    {"guest_id": "é"},
    {"kind": "Not A Kind"},
    {"outcome": 99},
    {"subject": "a\x00b"},
    {"channel": "\x00" * 100},
    {"reason": "\u202e"},
    {"session_id": "🎒" * 1_000},
    {"properties": {"\x00": "\x00", "a": "\x00", "b": "x" * 10_000}},
    {"utm_source": "\x00"},
    {"referrer_host": "http://\x00@[::1"},
    {"trace_id": "\x00" * 32},
    {"consent": 99},
]
BAD_TIMES = [
    (2**62, 0),
    (-(2**62), 0),
    (253_402_300_800, 0),
    (-62_135_596_801, 0),
    (0, 2**31 - 1),
    (0, -1),
]


async def publish(broker: Broker, *touchpoints: events_pb2.Touchpoint) -> None:
    await broker.jetstream.publish(
        SUBJECT, events_pb2.TouchpointBatch(touchpoints=touchpoints).SerializeToString()
    )


async def all_handled(broker: Broker) -> bool:
    info = await broker.jetstream.consumer_info(TOUCHPOINTS, DURABLE.name)
    return info.num_pending == 0 and info.num_ack_pending == 0


async def store_beside(world: World, broker: Broker, *bad: events_pb2.Touchpoint) -> list[str]:
    """Publishes bad touchpoints, in one batch with a good one and in batches of their own.

    Returns the subjects of what was stored.
    """
    await DURABLE.create(broker.jetstream)
    await publish(broker, *bad, from_gateway(subject="beside"))
    await publish(broker, *bad)
    await broker.jetstream.publish(SUBJECT, b"\xff\xff")
    await publish(broker, from_gateway(subject="after"))

    async def handled() -> bool:
        return await all_handled(broker)

    async with running(GatewayTouchpoints(world.database, broker, world.settings).run):
        await eventually(handled, within=15)
    return [row.subject for row in await world.rows()]


@pytest.mark.parametrize("facts", BAD_TOUCHPOINTS, ids=lambda facts: next(iter(facts)))
async def test_a_bad_touchpoint_keeps_no_other_from_being_stored(
    world: World, broker: Broker, facts: dict[str, Any]
) -> None:
    stored = await store_beside(world, broker, from_gateway(**facts))

    assert {"beside", "after"} <= set(stored)


@pytest.mark.parametrize(("seconds", "nanos"), BAD_TIMES)
async def test_a_touchpoint_of_an_impossible_time_keeps_no_other_from_being_stored(
    world: World, broker: Broker, seconds: int, nanos: int
) -> None:
    bad = from_gateway(subject="bad")
    bad.occurred_at.CopyFrom(Timestamp(seconds=seconds, nanos=nanos))

    stored = await store_beside(world, broker, bad)

    assert sorted(stored) == ["after", "beside"]


async def test_a_touchpoint_that_no_transaction_takes_is_listed(
    world: World, broker: Broker
) -> None:
    async with world.database.tx() as tx:
        await tx.run("ALTER TABLE touchpoint ADD CHECK (subject <> 'bad')")
    bad = from_gateway(subject="bad")

    stored = await store_beside(world, broker, bad)

    assert sorted(stored) == ["after", "beside"]
    await isolation.flush(world.database)
    async with world.database.read() as read:
        assert (bad.id,) in await read.fetch(
            "SELECT key FROM skipped_row WHERE loop = 'touchpoints'"
        )


BAD_DOCUMENTS = [
    "'[]'", "'7'", "'null'", "'{}'", "'{\"slug\": 7}'", "'{\"slug\": \"bad\", \"name\": []}'",
    "'{\"slug\": \"bad\", \"name\": {\"en\": 7}}'",
    "'{\"slug\": \"bad\", \"name\": {\"en\": \"x\"}, \"stages\": 7}'", "'{\"slug\": \"bad\", "
                                                                       "\"name\": {\"en\": "
                                                                       "\"x\"}, \"stages\": [7]}'",
    "'{\"slug\": \"bad\", \"name\": {\"en\": \"x\"}, \"personas\": {}}'",
    "'{\"slug\": \"bad\", \"name\": {\"en\": \"x\"}, \"personas\": [7]}'",
    "jsonb_build_object('slug', 'bad', 'x', repeat('9', 5000)::numeric)",
]  # fmt: skip


@pytest.mark.parametrize("document", BAD_DOCUMENTS)
async def test_a_map_that_cannot_be_read_hides_no_other(world: World, document: str) -> None:
    await world.put_map("bad", [kinds("order.placed")])
    await world.put_map("good", [kinds("order.placed")])
    async with world.database.tx() as tx:
        await tx.run(f"UPDATE journey_map SET document = {document} WHERE slug = 'bad'")  # type: ignore[arg-type]

    listed = await world.ask(world.journeys.ListMaps, pb.ListMapsRequest(), world.staff)

    assert "good" in [chart.slug for chart in listed.maps]
    assert "bad" not in [chart.slug for chart in listed.maps]
    with pytest.raises(DomainError) as refusal:
        await world.funnel(map="bad")
    assert refusal.value.reason == "MAP_NOT_FOUND"
    await isolation.flush(world.database)
    async with world.database.read() as read:
        assert await read.fetch(
            "SELECT 1 FROM skipped_row WHERE loop = 'journey_maps' AND key = 'bad'"
        )


async def test_odd_properties_of_a_touchpoint_hide_no_journey(world: World) -> None:
    await world.record_touchpoints(a_touchpoint(visitor="V"))
    for value in ("'[]'", "'7'", "'null'", "'{\"a\": {}}'"):
        async with world.database.tx() as tx:
            await tx.run(f"UPDATE touchpoint SET properties = {value}")  # type: ignore[arg-type]
        assert len((await world.journey(visitor_id=str(an_id("V")))).touchpoints) == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"name": {"en": "x" * (MOST_TEXT + 1)}}, "$.name"),
        (
            {
                "name": {
                    "en": "x",
                    **{f"d{chr(97 + n // 26)}{chr(97 + n % 26)}": "x" for n in range(50)},
                }
            },
            "$.name",
        ),
        (
            {"stages": [{"slug": f"s{n}", "name": {"en": "x"}} for n in range(MOST_STAGES + 1)]},
            "$.stages",
        ),
        ({"personas": [{"slug": f"p{n}"} for n in range(MOST_PERSONAS + 1)]}, "$.personas"),
        ({"more": "x" * MOST_BYTES}, "$"),
    ],
)
def test_a_map_beyond_a_bound_is_refused_with_its_path_and_what_is_allowed(
    change: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        JourneyMap.from_document({"slug": "m", "name": {"en": "x"}, **change}, 0)

    assert refusal.value.metadata["path"] == path
    assert int(refusal.value.metadata["most"]) > 0


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=10)
    | st.sampled_from(["\ud800", "\x00", "en", "any"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.fixed_dictionaries(
    {"slug": st.just("m") | JSONS, "name": st.just({"en": "x"}) | JSONS},
    optional={
        "stages": JSONS
        | st.lists(
            st.fixed_dictionaries(
                {"slug": st.just("s") | JSONS, "name": st.just({"en": "x"}) | JSONS},
                optional={
                    "rules": JSONS
                    | st.lists(
                        st.fixed_dictionaries(
                            {
                                "when": JSONS
                                | st.lists(
                                    st.fixed_dictionaries(
                                        {"field": st.just("kind") | JSONS, "any_of": JSONS}
                                    ),
                                    max_size=2,
                                )
                            },
                            optional={"occurrence": JSONS},
                        ),
                        max_size=2,
                    )
                },
            ),
            max_size=2,
        ),
        "personas": JSONS,
        "description": JSONS,
    },
)


@hypothesis_settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSONS | DOCUMENTS)
def test_any_document_is_a_map_or_refused(document: Any) -> None:
    result: JourneyMap | InvalidMap
    try:
        result = JourneyMap.from_document(document, 1)
    except InvalidMap as refusal:
        result = refusal

    assert result.metadata["problem"] if isinstance(result, InvalidMap) else result.version == 1


ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "\u202e",
    "'",
    "%",
    "%s",
    "{",
    "é",
    "🎒",
    "x" * 3_000,
    "0",
    "-1",
    "NaN",
    "../..",
    "\n",
    "channel",
    "utm_source",
]
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SECONDS = st.sampled_from(
    [
        0,
        -1,
        2**31,
        2**62,
        -(2**62),
        253_402_300_799,
        -62_135_596_800,
        4_000_000_000,
        -2_208_988_800,
        7_258_118_399,
    ]
)
NUMBERS = st.sampled_from([0, 1, -1, 60, 2**31 - 1, -(2**31)])


async def answer(ask: Awaitable[Any]) -> Any:
    """Returns the answer or the refusal; asserts that the refusal is no internal error."""
    try:
        result = await ask
    except DomainError as refusal:
        result = refusal
    assert not isinstance(result, Internal), result
    return result


@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=TEXTS,
    other=TEXTS,
    since=SECONDS,
    until=SECONDS,
    nanos=st.sampled_from([0, -1, 2**31 - 1]),
    number=NUMBERS,
)
async def test_no_input_is_an_internal_error(
    world: World, text: str, other: str, since: int, until: int, nanos: int, number: int
) -> None:
    window = {
        "time_range": TimeRange(
            since=Timestamp(seconds=since, nanos=nanos), until=Timestamp(seconds=until)
        )
    }
    for by in (number % 2**31, pb.FUNNEL_BREAKDOWN_CHANNEL):
        await answer(
            world.funnel(
                **window,
                window_seconds=number,
                by=by,
                channel=other,
                utm_source=text,
                locale=text,
                with_touchpoints=True,
            )
        )
    await answer(world.funnel(map=text))
    await answer(world.journey(**window, visitor_id=str(uuid7()), locale=text, limit=number))
    for name in ("visitor_id", "customer_id", "order_id", "map"):
        await answer(world.journey(**{name: text}))
    await answer(world.journey(**window, visitor_id=str(uuid7()), locale=other, with_spans=True))
    await answer(
        world.ask(
            world.journeys.GetRecommendationScore,
            pb.GetRecommendationScoreRequest(**window, channel=text),
            world.staff,
        )
    )
    await answer(world.ask(world.journeys.GetMap, pb.GetMapRequest(slug=text), world.staff))
    chart = pb.JourneyMap(
        slug=text, name={text: other, "en": text or "x"}, description={text: other}
    )
    await answer(
        world.ask(
            world.journeys.PutMap, pb.PutMapRequest(map=chart, expected_version=number), world.staff
        )
    )
    named = pb.JourneyMap(
        slug="m", name={"en": text or "x"}, stages=[pb.Stage(slug="s", name={"en": other or "x"})]
    )
    named.stages[0].rules.add().when.add(field="subject", any_of=[text, other], prefix="")
    await answer(world.ask(world.journeys.PutMap, pb.PutMapRequest(map=named), world.staff))
    await answer(world.funnel(map="m"))
    beacon = pb.BeaconTouchpoint(
        id=text,
        kind=text,
        outcome=number % 2**31,
        subject=text,
        properties={text: other, "a": text},
        utm_source=text,
        referrer_host=other,
        occurred_at=window["time_range"].since,
    )
    good = pb.BeaconTouchpoint(
        kind="product.view",
        subject=text,
        properties={"a": text},
        referrer_host=text,
        utm_term=other,
    )
    for touchpoint in (beacon, good):
        request = pb.RecordTouchpointsRequest(
            visitor_id=str(uuid7()),
            touchpoints=[touchpoint],
            channel=text,
            session_id=other,
            consent=CONSENTS["granted"],
        )
        await answer(world.ask(world.touchpoints.RecordTouchpoints, request))
    await answer(
        world.ask(world.touchpoints.WithdrawConsent, pb.WithdrawConsentRequest(visitor_id=text))
    )
    await answer(
        world.ask(
            world.touchpoints.RecordFeedback,
            pb.RecordFeedbackRequest(token=text, score=number, comment=other),
        )
    )
