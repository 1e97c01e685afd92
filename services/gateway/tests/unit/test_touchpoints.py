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
from gateway.touchpoints import SUBJECT, Touchpoints, campaign_of, subject_of
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
