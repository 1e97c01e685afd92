"""Saved questions and segments through the service, on a real database."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.rpc.errors import DomainError
from chassis.runtime.clock import real_now, uuid7
from services.journey.tests.journey_world import START, World, a_touchpoint
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import questions_pb2 as questions
from sojourn.journey.v1 import saved_questions_pb2 as pb


async def put(world: World, slug: str, kind: str, request: dict[str, Any], **given: Any) -> Any:
    document = Struct()
    document.update(request)
    message = pb.PutSavedQuestionRequest(
        slug=slug,
        name=given.pop("name", slug),
        kind=pb.QuestionKind.Value(f"QUESTION_KIND_{kind.upper()}"),
        request=document,
        expected_version=given.pop("version", 0),
    )
    return await world.ask(world.saved.PutSavedQuestion, message, given.pop("token", world.staff))


async def put_segment(world: World, slug: str, **filter: Any) -> Any:
    message = pb.PutSegmentRequest(
        slug=slug, name=slug, filter=questions.TouchpointFilter(**filter)
    )
    return await world.ask(world.saved.PutSegment, message, world.staff)


async def answer(world: World, slug: str) -> Any:
    request = pb.AnswerSavedQuestionRequest(slug=slug)
    return await world.ask(world.saved.AnswerSavedQuestion, request, world.staff)


async def refusal_of(call: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        await call
    return refusal.value


async def story(world: World) -> None:
    await world.record_touchpoints(
        a_touchpoint("page.view", visitor="Ana", seconds=0, channel="app"),
        a_touchpoint("search", visitor="Ana", seconds=9, channel="app"),
        a_touchpoint("page.view", visitor="Ben", seconds=5),
    )


async def test_a_saved_question_is_answered_as_the_question_itself(world: World) -> None:
    await story(world)
    trend = questions.GetTrendRequest(by="channel")

    saved = await put(world, "by-channel", "trend", {"by": "channel", "interval": "day"})
    found = await answer(world, "by-channel")

    assert (saved.version, saved.request["by"]) == (1, "channel")
    assert found.question == saved
    assert found.trend == await world.ask(world.questions.GetTrend, trend, world.staff)
    assert not found.HasField("funnel")


async def test_a_question_of_each_kind_can_be_saved_and_asked(world: World) -> None:
    await story(world)
    step = {"name": "s", "rules": [{"when": [{"field": "kind", "any_of": ["search"]}]}]}
    requests: dict[str, dict[str, Any]] = {
        "paths": {"steps": 3},
        "retention": {},
        "attribution": {"model": "markov", "lookback_days": 7},
        "funnel": {"steps": [step], "window_seconds": 60},
        "funnel_people": {"funnel": {"steps": [step]}},
        "step_times": {"funnel": {"steps": [step]}},
        "anomalies": {"interval": "hour", "threshold": 4.5},
        "pains": {"window_hours": 48},
        "products": {"view_column": "property:product"},
        "searches": {},
        "map": {},
        "conformance": {"limit": 5},
        "says_does": {},
        "map_people": {"numbers": {}, "stage": "consideration"},
    }
    for kind, request in requests.items():
        await put(world, kind.replace("_", "-"), kind, request)
        assert (await answer(world, kind.replace("_", "-"))).HasField(kind)


async def test_versions_rise_and_an_old_one_is_refused(world: World) -> None:
    first = await put(world, "q", "trend", {})
    second = await put(world, "q", "paths", {}, name="Paths", version=1)

    stale = await refusal_of(put(world, "q", "trend", {}, version=1))

    assert (first.version, second.version, second.name) == (1, 2, "Paths")
    assert (second.owner_id, second.created_at) == (first.owner_id, first.created_at)
    assert (stale.reason, stale.metadata["version"]) == ("VERSION_MISMATCH", "2")


async def test_its_owner_is_who_created_it(world: World) -> None:
    colleague = world.tokens.staff("journeys.read", "journeys.write")
    first = await put(world, "q", "trend", {})

    second = await put(world, "q", "trend", {"by": "channel"}, token=colleague)

    assert second.owner_id == first.owner_id
    async with world.database.read() as read:
        actors = await read.fetch("SELECT actor_id FROM audit WHERE subject = 'saved_question:q'")
    assert len(set(actors)) == 2


async def test_lists_are_paged_and_narrowed_by_kind_and_owner(world: World) -> None:
    one = await put(world, "a", "trend", {})
    await put(world, "b", "paths", {})
    await put(world, "c", "trend", {}, token=world.tokens.staff("journeys.write"))

    async def listed(**given: Any) -> Any:
        request = pb.ListSavedQuestionsRequest(**given)
        return await world.ask(world.saved.ListSavedQuestions, request, world.staff)

    first = await listed(page={"size": 2})
    rest = await listed(page={"size": 2, "token": first.next_page_token})
    trends = await listed(kind=pb.QUESTION_KIND_TREND)
    hers = await listed(owner_id=one.owner_id)

    assert [q.slug for q in first.questions] == ["a", "b"]
    assert ([q.slug for q in rest.questions], rest.next_page_token) == (["c"], "")
    assert [q.slug for q in trends.questions] == ["a", "c"]
    assert [q.slug for q in hers.questions] == ["a"]


async def test_a_deleted_question_is_gone_and_every_write_has_an_audit_row(world: World) -> None:
    await put(world, "q", "trend", {})
    delete = pb.DeleteSavedQuestionRequest(slug="q", expected_version=1)

    stale = await refusal_of(
        world.ask(
            world.saved.DeleteSavedQuestion,
            pb.DeleteSavedQuestionRequest(slug="q", expected_version=7),
            world.staff,
        )
    )
    await world.ask(world.saved.DeleteSavedQuestion, delete, world.staff)

    assert stale.reason == "VERSION_MISMATCH"
    gone = await refusal_of(answer(world, "q"))
    assert gone.reason == "SAVED_QUESTION_NOT_FOUND"
    async with world.database.read() as read:
        audits = await read.fetch("SELECT action FROM audit ORDER BY id")
    assert [action for (action,) in audits] == ["put_saved_question", "delete_saved_question"]


@pytest.mark.parametrize(
    ("kind", "request_document", "field"),
    [
        ("trend", {"intervall": "week"}, "request"),
        ("trend", {"by": "visitor"}, "request.by"),
        ("trend", {"time_zone": "Mars/Base"}, "request.time_zone"),
        ("trend", {"filter": {"segment": "nobody"}}, "request.filter.segment"),
        ("trend", {"compare_segments": ["nobody"]}, "request.compare_segments[0]"),
        ("paths", {"steps": 11}, "request.steps"),
        ("conformance", {"map": "none"}, "request.map"),
        ("funnel", {"steps": []}, "request.steps"),
    ],
)
async def test_parameters_are_checked_as_the_question_itself_checks_them(
    world: World, kind: str, request_document: dict[str, Any], field: str
) -> None:
    refusal = await refusal_of(put(world, "q", kind, request_document))

    assert (refusal.reason, refusal.metadata["field"]) == ("INVALID_QUESTION", field)


async def test_a_segment_counts_as_it_is_at_the_time_of_asking(world: World) -> None:
    await story(world)
    await put_segment(world, "app", channels=["app"])
    await put(world, "q", "trend", {"filter": {"segment": "app"}})

    before = (await answer(world, "q")).trend.points[0].touchpoints
    await put_segment(
        world,
        "app",
        channels=["app"],
        conditions=[journey_pb2.Condition(field="kind", any_of=["search"])],
    )
    after = (await answer(world, "q")).trend.points[0].touchpoints

    assert (before, after) == (2, 1)


async def test_segments_are_compared_in_the_order_of_the_request(world: World) -> None:
    await story(world)
    await put_segment(world, "app", channels=["app"])
    await put_segment(world, "web", channels=["default"])
    rule = journey_pb2.Rule(when=[journey_pb2.Condition(field="kind", any_of=["page.view"])])
    funnel = questions.GetStepFunnelRequest(
        steps=[questions.FunnelStep(name="view", rules=[rule])], compare_segments=["web", "app"]
    )

    trend = await world.ask(
        world.questions.GetTrend,
        questions.GetTrendRequest(compare_segments=["app", "web"]),
        world.staff,
    )
    steps = await world.ask(world.questions.GetStepFunnel, funnel, world.staff)

    assert trend.points[0].touchpoints == 3
    assert [(one.segment, one.points[0].touchpoints) for one in trend.compared] == [
        ("app", 2),
        ("web", 1),
    ]
    assert [(one.segment, one.segments[0].steps[0].reached) for one in steps.compared] == [
        ("web", 1),
        ("app", 1),
    ]


async def test_a_segment_that_a_saved_question_names_stays(world: World) -> None:
    await put_segment(world, "app", channels=["app"])
    await put(world, "q", "trend", {"compare_segments": ["app"]})
    delete = pb.DeleteSegmentRequest(slug="app")

    kept = await refusal_of(world.ask(world.saved.DeleteSegment, delete, world.staff))
    await put(world, "q", "trend", {})
    await world.ask(world.saved.DeleteSegment, delete, world.staff)

    assert (kept.reason, kept.metadata["questions"]) == ("SEGMENT_IS_NAMED", "q")
    gone = await refusal_of(world.ask(world.saved.DeleteSegment, delete, world.staff))
    assert gone.reason == "SEGMENT_NOT_FOUND"
    listed = await world.ask(world.saved.ListSegments, pb.ListSegmentsRequest(), world.staff)
    assert list(listed.segments) == []


async def test_a_segment_is_read_as_it_was_put_and_names_no_other(world: World) -> None:
    put = await put_segment(world, "new", newcomers=questions.NEWCOMERS_NEW)
    found = await world.ask(world.saved.GetSegment, pb.GetSegmentRequest(slug="new"), world.staff)

    assert found == put
    assert found.filter.newcomers == questions.NEWCOMERS_NEW
    refusal = await refusal_of(put_segment(world, "other", segment="new"))
    assert refusal.metadata["field"] == "filter.segment"


async def test_reading_needs_one_scope_and_writing_another(world: World) -> None:
    reader = world.tokens.staff("journeys.read")

    refusal = await refusal_of(put(world, "q", "trend", {}, token=reader))

    assert refusal.reason == "SCOPE_REQUIRED"
    request = pb.GetSavedQuestionRequest(slug=f"q-{uuid7().hex[:8]}")
    gone = await refusal_of(world.ask(world.saved.GetSavedQuestion, request, reader))
    assert gone.reason == "SAVED_QUESTION_NOT_FOUND"


async def test_a_rolling_period_ends_at_the_time_of_asking(world: World) -> None:
    # At noon, so that a day more or less is told by no hour of the test.
    noon = (real_now().replace(hour=12, minute=0, second=0, microsecond=0) - START).total_seconds()
    await world.record_touchpoints(
        *(
            a_touchpoint("page.view", visitor=name, seconds=noon - age * 86_400)
            for name, age in (("Ana", 1), ("Ben", 3), ("Eve", 7), ("Leo", 8))
        )
    )
    filter = {"last_days": 7}
    await put(world, "week", "retention", {"filter": filter})
    await put_segment(world, "lately", last_days=3)
    common = {"filter": filter | {"segment": "lately"}}
    await put(world, "common", "retention", common)

    def people(found: Any) -> int:
        return sum(cohort.people for cohort in found.retention.cohorts)

    assert people(await answer(world, "week")) == 3
    assert people(await answer(world, "common")) == 2
    told_twice = {"last_days": 7, "time_range": {"since": "2026-01-01T00:00:00Z"}}
    refusal = await refusal_of(put(world, "both", "retention", {"filter": told_twice}))
    assert (refusal.reason, refusal.metadata["field"]) == (
        "INVALID_QUESTION",
        "request.filter.last_days",
    )
