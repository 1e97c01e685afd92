"""The buffer in front of the broker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from chassis.events.broker import Broker
from chassis.runtime.clock import Clock
from chassis.testing import eventually, fresh_broker, running, sample_value
from gateway.composed.touchpoints import BeaconBody, told_of
from gateway.consents import UnknownConsent, consent_of
from gateway.touchpoints.buffer import SUBJECT, Touchpoints
from gateway.touchpoints.of_requests import campaign_of, is_prefetch, search_of, subject_of
from sojourn.journey.v1 import events_pb2 as pb


def noted(touchpoints: Touchpoints, count: int) -> None:
    for number in range(count):
        touchpoints.add(pb.Touchpoint(kind="product.view", subject=str(number)))


def lost() -> float:
    return sample_value("touchpoints_lost_total")


async def test_touchpoints_beyond_the_buffer_are_lost_and_counted() -> None:
    before, noted_before = lost(), sample_value("touchpoints_noted_total")
    touchpoints = Touchpoints(Broker("nats://127.0.0.1:1", "test"), Clock(), most=3)

    noted(touchpoints, 5)
    assert lost() - before == 2
    assert sample_value("touchpoints_noted_total") - noted_before == 5

    await touchpoints.flush()
    assert lost() - before == 5


def test_a_touchpoint_is_dated_when_it_began() -> None:
    clock = Clock()
    touchpoints = Touchpoints(Broker("nats://127.0.0.1:1", "test"), clock, most=3)
    touchpoint = pb.Touchpoint(kind="order.place")

    before = clock.now()
    touchpoints.add(touchpoint, seconds=2.5)
    after = clock.now()

    began = touchpoint.occurred_at.ToDatetime(UTC)
    a_millisecond = timedelta(milliseconds=1)
    assert before - a_millisecond <= began + timedelta(seconds=2.5) <= after + a_millisecond


def test_a_touchpoint_is_about_the_first_of_its_path_and_names_the_purchase() -> None:
    assert subject_of({}) == {}
    assert subject_of({"slug": "tea"}) == {"subject": "tea", "properties": {}}
    assert subject_of({"cart_id": "C", "line_id": "L"}) == {
        "subject": "C",
        "properties": {"cart_id": "C"},
    }


async def test_what_is_buffered_is_published_in_order_and_in_batches() -> None:
    async with fresh_broker() as broker:
        subscription = await broker.client.subscribe(SUBJECT)
        touchpoints = Touchpoints(broker, Clock(), most=10_000)
        noted(touchpoints, 1_200)
        got: list[str] = []

        async with running(touchpoints.run):

            async def all_came() -> bool:
                message = await subscription.next_msg(timeout=5)
                batch = pb.TouchpointBatch.FromString(message.data).touchpoints
                assert len(batch) <= 500
                got.extend(touchpoint.subject for touchpoint in batch)
                return len(got) == 1_200

            await eventually(all_came, within=10)

    assert got == [str(number) for number in range(1_200)]


@pytest.mark.parametrize(
    ("headers", "consent"),
    [
        ({}, "unknown"),
        ({"sojourn-consent": "none"}, "denied"),
        ({"sojourn-consent": "marketing"}, "denied"),
        ({"sojourn-consent": "marketing, analytics"}, "granted"),
        ({"cookie": "a=b; sojourn_consent=analytics"}, "granted"),
    ],
)
def test_consent_is_what_the_visitor_said(headers: dict[str, str], consent: str) -> None:
    assert consent_of(headers).answer == consent


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ("all", "analytics, marketing, personalization"),
        ("Marketing ,analytics", "analytics, marketing"),
        ("none", "none"),
        ("granted", None),
    ],
)
def test_a_consent_is_recorded_as_the_answer_tells_or_refused(
    given: str, recorded: str | None
) -> None:
    consent = consent_of({"sojourn-consent": given})

    if recorded is None:
        with pytest.raises(UnknownConsent):
            consent.require_known()
    else:
        consent.require_known()
        assert consent.recorded == recorded


def test_a_landing_tells_its_campaign_and_nothing_else() -> None:
    scope = {
        "query_string": b"utm_source=instagram&utm_medium=paid&gclid=abc&email=jane@example.com&q=x"
    }

    assert campaign_of(scope) == {
        "utm_source": "instagram",
        "utm_medium": "paid",
        "click_id": "abc",
    }


def test_a_beacon_keeps_what_it_was_told_and_the_order_of_what_has_no_time() -> None:
    now, earlier = (
        datetime(2026, 5, 4, 3, 2, 1, 999_999, UTC),
        datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
    )
    id = "0190a6e2-0000-7000-8000-000000000001"
    told: list[dict[str, Any]] = [
        {"id": id, "kind": "page.view"},
        {
            "id": id,
            "kind": "video.play",
            "occurred_at": earlier,
            "outcome": "refused",
            "duration_ms": 5,
            "properties": {"a": "", "b": "c"},
        },
        {
            "id": id,
            "kind": "page.leave",
            "subject": "trail-film",
            "utm_source": "mail",
            "referrer_host": "example.com",
        },
    ]

    first, second, third = told_of(BeaconBody.model_validate({"touchpoints": told}), now)

    assert (first.id, first.kind, first.outcome, first.subject) == (
        id,
        "page.view",
        pb.OUTCOME_OK,
        "",
    )
    assert (second.outcome, second.duration_ms, dict(second.properties)) == (
        pb.OUTCOME_REFUSED,
        5,
        {"a": "", "b": "c"},
    )
    assert (third.subject, third.utm_source, third.referrer_host) == (
        "trail-film",
        "mail",
        "example.com",
    )
    times = [touchpoint.occurred_at.ToDatetime(UTC) for touchpoint in (first, second, third)]
    assert times == [now, earlier, now + timedelta(microseconds=2)]


def test_a_wrong_clock_is_corrected_by_when_the_beacon_was_sent() -> None:
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    told = [
        {"id": f"0190a6e2-0000-7000-8000-00000000000{n}", "kind": "a", "occurred_at": at}
        for n, at in enumerate(["1970-01-01T00:00:10Z", "1970-01-01T00:01:00Z"])
    ]
    body = BeaconBody.model_validate({"sent_at": "1970-01-01T00:01:00Z", "touchpoints": told})

    times = [each.occurred_at.ToDatetime(UTC) for each in told_of(body, now)]

    assert times == [now - timedelta(seconds=50), now]


def test_the_campaign_of_a_beacon_is_folded_as_that_of_a_landing() -> None:
    told = [{"id": "0190a6e2-0000-7000-8000-000000000001", "kind": "a", "utm_source": " Mail "}]
    body = BeaconBody.model_validate({"touchpoints": told})

    (found,) = told_of(body, datetime(2026, 5, 4, 12, tzinfo=UTC))

    assert found.utm_source == "mail"


def test_a_cookie_of_consent_may_be_encoded() -> None:
    for value in ("analytics%2Cmarketing", '"analytics,marketing"', "analytics%2C%20marketing"):
        consent = consent_of({"cookie": f"a=b; sojourn_consent={value}"})
        assert consent.recorded == "analytics, marketing"


def test_a_search_tells_its_term_as_it_is_compared_and_its_results() -> None:
    assert search_of("  Red  TENT ", 0) == {"term": "red tent", "results": "0"}
    assert search_of("x", None) == {"term": "x"}
    assert search_of(" ", 4) == {}


@pytest.mark.parametrize(
    ("name", "value", "is_one"),
    [
        (b"sec-purpose", b"prefetch;prerender", True),
        (b"purpose", b"prefetch", True),
        (b"x-moz", b"prefetch", True),
        (b"x-purpose", b"preview", True),
        (b"accept", b"prefetch", False),
    ],
)
def test_a_prefetch_is_no_view(name: bytes, value: bytes, is_one: bool) -> None:
    assert is_prefetch({"headers": [(name, value)]}) is is_one
