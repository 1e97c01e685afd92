from __future__ import annotations

import pytest

from chassis.rpc.errors import Denied, Invalid, NotFound, Refused, Stale
from services.journey.tests.journey_world import World, an_id
from services.journey.tests.surveys import (
    DAY,
    a_survey,
    a_text,
    answer,
    answered,
    asked,
    due,
    live,
    put,
    put_rules,
)
from sojourn.journey.v1 import surveys_pb2 as pb


async def test_staff_keep_surveys_by_their_versions(world: World) -> None:
    first = await put(world, a_survey(name="First", state=pb.SURVEY_STATE_DRAFT))
    second = await put(world, a_survey(name="Second"), version=first.version)

    with pytest.raises(Stale):
        await put(world, a_survey(name="Third"), version=first.version)
    found = await world.ask(
        world.survey_staff.GetSurvey, pb.GetSurveyRequest(slug="after-delivery"), world.staff
    )
    listed = await world.ask(world.survey_staff.ListSurveys, pb.ListSurveysRequest(), world.staff)

    assert (first.version, second.version, found.name, found.version) == (1, 2, "Second", 2)
    assert [one.slug for one in listed.surveys] == ["after-delivery"]
    async with world.database.read() as read:
        audit = await read.fetch("SELECT action, before, after FROM audit ORDER BY at, id")
    assert audit == [
        ("put_survey", None, {"version": 1, "state": "draft"}),
        ("put_survey", {"version": 1, "state": "draft"}, {"version": 2, "state": "active"}),
    ]


async def test_a_survey_without_answers_can_be_deleted_and_one_with_answers_cannot(
    world: World,
) -> None:
    async def delete(version: int = 0) -> None:
        request = pb.DeleteSurveyRequest(slug="after-delivery", expected_version=version)
        await world.ask(world.survey_staff.DeleteSurvey, request, world.staff)

    await put(world, a_survey())
    with pytest.raises(Stale):
        await delete(7)
    await delete(1)
    await delete()
    with pytest.raises(NotFound) as gone:
        await world.ask(
            world.survey_staff.GetSurvey, pb.GetSurveyRequest(slug="after-delivery"), world.staff
        )
    await put(world, a_survey())
    await answered(world)
    with pytest.raises(Refused) as refusal:
        await delete()

    assert (gone.value.reason, refusal.value.reason) == ("SURVEY_NOT_FOUND", "SURVEY_HAS_ANSWERS")


WRONG = {
    "trigger.kind": a_survey(trigger={"kind": "No Kind"}),
    "trigger.media": a_survey(trigger={"kind": "page.view", "media": [pb.SURVEY_MEDIUM_MAIL]}),
    "questions": a_survey(type=pb.SURVEY_TYPE_FREE),
    "questions[0].text": a_survey(questions=[a_text(text={"de": "Warum?"})]),
    "questions[0].choices": a_survey(questions=[a_text(type=pb.QUESTION_TYPE_CHOICE)]),
    "questions[0].highest": a_survey(
        questions=[a_text(type=pb.QUESTION_TYPE_SCALE, lowest=3, highest=3)]
    ),
    "follow_up_at": a_survey(type=pb.SURVEY_TYPE_CSAT, follow_up_at=6),
    "score_text": a_survey(score_text={"de": "Wie war es?"}),
}


@pytest.mark.parametrize("path", WRONG)
async def test_a_survey_that_makes_no_sense_is_refused_with_its_place(
    world: World, path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await put(world, WRONG[path])

    assert (refusal.value.reason, refusal.value.metadata["path"]) == ("INVALID_SURVEY", path)


async def test_what_answers_refer_to_cannot_change_and_texts_can(world: World) -> None:
    await put(world, a_survey(questions=[a_text()]))
    await answered(world, 9, "good")

    kept = await put(world, a_survey(questions=[a_text(text={"en": "And why?"}), a_text("more")]))
    refused = []
    for survey in (
        a_survey(type=pb.SURVEY_TYPE_CSAT, questions=[a_text()]),
        a_survey(questions=[]),
        a_survey(
            questions=[a_text(type=pb.QUESTION_TYPE_SCALE, lowest=1, highest=5), a_text("more")]
        ),
    ):
        with pytest.raises(Refused) as refusal:
            await put(world, survey)
        refused.append((refusal.value.reason, refusal.value.metadata["path"]))

    assert kept.version == 2
    assert refused == [
        ("SURVEY_HAS_ANSWERS", "type"),
        ("SURVEY_HAS_ANSWERS", "questions[0]"),
        ("SURVEY_HAS_ANSWERS", "questions[0]"),
    ]


async def test_a_visitor_is_asked_after_the_touchpoint_and_its_delay(world: World) -> None:
    await put(world, a_survey(trigger={"delay_seconds": DAY, "window_seconds": DAY}))

    await live(world, "early", ago=DAY - 60)
    await live(world, "now", ago=DAY + 60)
    await live(world, "late", ago=2 * DAY + 60)

    assert [await due(world, name) for name in ("early", "now", "late", "stranger")] == [
        [],
        ["after-delivery"],
        [],
        [],
    ]


async def test_only_active_surveys_of_the_channel_and_the_time_are_due(world: World) -> None:
    await live(world, "V", channel="de")
    await put(world, a_survey("draft", state=pb.SURVEY_STATE_DRAFT))
    await put(world, a_survey("ended", state=pb.SURVEY_STATE_ENDED))
    await put(world, a_survey("elsewhere", trigger={"channels": ["us"]}))
    await put(world, a_survey("other-kind", trigger={"kind": "order.placed"}))
    await put(world, a_survey("by-mail", trigger={"media": [pb.SURVEY_MEDIUM_MAIL]}))
    over = a_survey("over")
    over.ends_at.FromSeconds(1_000_000)
    await put(world, over)
    to_come = a_survey("to-come")
    to_come.starts_at.FromSeconds(4_000_000_000)
    await put(world, to_come)
    await put(world, a_survey("here", trigger={"channels": ["de", "at"]}))

    assert await due(world) == ["here"]


async def test_a_share_of_people_are_asked_and_always_the_same(world: World) -> None:
    await put(world, a_survey(trigger={"share_percent": 40}))
    people = [f"visitor {number}" for number in range(60)]
    for name in people:
        await live(world, name)

    first = [await due(world, name) for name in people]
    second = [await due(world, name) for name in people]

    chosen = sum(map(bool, first))
    assert first == second
    assert 10 <= chosen <= 40


async def test_a_survey_is_asked_and_answered_by_its_token(world: World) -> None:
    await put(world, a_survey(questions=[a_text()]))
    await live(world, channel="de", utm_source="newsletter", subject=str(an_id("O")))

    survey = await asked(world)
    opened = await world.ask(
        world.survey_answers.OpenSurvey, pb.OpenSurveyRequest(token=survey.token, locale="de-AT")
    )
    why = pb.QuestionAnswer(question="why", text="  Geheimrat war zufrieden ")
    first = await answer(world, survey.token, 3, why, locale="de")
    second = await answer(world, survey.token, 9, locale="de")

    assert (opened.locale, opened.questions[0].text) == ("de", "Warum?")
    assert opened.score_text.startswith("Wie wahrscheinlich")
    assert (opened.lowest_score, opened.highest_score, opened.is_answered) == (0, 10, False)
    assert (first.is_replaced, second.is_replaced, second.slug) == (False, True, "after-delivery")
    rows = [row for row in await world.rows() if row.kind == "feedback.given"]
    assert [(row.visitor_id, row.channel, row.subject, row.properties) for row in rows] == [
        (
            an_id("V"),
            "de",
            str(an_id("O")),
            {
                "survey": "after-delivery",
                "survey_type": "nps",
                "score": "9",
                "group": "promoter",
            },
        )
    ]
    assert await due(world) == []


async def test_answers_are_held_against_the_survey(world: World) -> None:
    choices = [pb.SurveyChoice(id=id, text={"en": id}) for id in ("red", "blue")]
    await put(
        world,
        a_survey(
            questions=[
                a_text("one", type=pb.QUESTION_TYPE_CHOICE, choices=choices, is_required=True),
                a_text("some", type=pb.QUESTION_TYPE_MULTIPLE_CHOICE, choices=choices),
                a_text("scale", type=pb.QUESTION_TYPE_SCALE, lowest=1, highest=5),
            ]
        ),
    )
    await live(world)
    token = (await asked(world)).token
    one = pb.QuestionAnswer(question="one", choices=["red"])
    wrong = {
        "score": (None, [one]),
        "answers.one": (9, []),
        "answers.some": (9, [one, pb.QuestionAnswer(question="some", choices=["green"])]),
        "answers.scale": (9, [one, pb.QuestionAnswer(question="scale", number=6)]),
        "answers.none": (9, [one, pb.QuestionAnswer(question="none", text="x")]),
        "answers": (9, [one, one]),
    }

    for path, (score, values) in wrong.items():
        with pytest.raises(Invalid) as refusal:
            await answer(world, token, score, *values)
        assert (refusal.value.reason, refusal.value.metadata["path"]) == ("INVALID_ANSWER", path)
    await answer(
        world,
        token,
        9,
        one,
        pb.QuestionAnswer(question="some", choices=["blue", "red"]),
        pb.QuestionAnswer(question="scale", number=5),
    )


async def test_who_has_no_token_of_ours_or_comes_late_is_refused(world: World) -> None:
    await put(world, a_survey())
    await live(world)
    token = (await asked(world)).token
    order_token = world.surveys.token_of(an_id("O"))
    async with world.database.tx() as tx:
        await tx.run("UPDATE survey_invitation SET expires_at = created_at")

    refusals = []
    for given in ("nonsense", order_token, token):
        for call in (
            answer(world, given, 9),
            world.ask(world.survey_answers.OpenSurvey, pb.OpenSurveyRequest(token=given)),
        ):
            with pytest.raises((Invalid, Refused)) as refusal:
                await call
            refusals.append(refusal.value.reason)

    assert refusals == ["INVALID_SURVEY_TOKEN"] * 4 + ["SURVEY_EXPIRED"] * 2


async def test_an_ended_survey_takes_no_answers(world: World) -> None:
    await put(world, a_survey())
    await live(world)
    token = (await asked(world)).token
    await put(world, a_survey(state=pb.SURVEY_STATE_ENDED))

    with pytest.raises(Refused) as refusal:
        await answer(world, token, 9)

    assert refusal.value.reason == "SURVEY_EXPIRED"


async def test_whoever_was_asked_is_counted_by_what_they_did(world: World) -> None:
    await put(world, a_survey())
    for name in ("silent", "declines", "answers"):
        await live(world, name)
    tokens = [(await asked(world, name)).token for name in ("silent", "declines", "answers")]
    for _ in range(2):
        await world.ask(
            world.survey_answers.DeclineSurvey, pb.DeclineSurveyRequest(token=tokens[1])
        )
    await answer(world, tokens[2], 9)
    await world.ask(world.survey_answers.DeclineSurvey, pb.DeclineSurveyRequest(token=tokens[2]))

    found = await world.ask(
        world.survey_staff.GetSurvey, pb.GetSurveyRequest(slug="after-delivery"), world.staff
    )

    counts = found.counts
    assert (counts.asked, counts.answered, counts.declined) == (3, 1, 1)
    assert counts.response_rate == pytest.approx(1 / 3)


async def test_a_customer_is_asked_once_on_all_their_browsers(world: World) -> None:
    await put(world, a_survey())
    await live(world, "V", customer="C")
    await live(world, "W", customer="C")
    token = world.tokens.customer(an_id("C"))

    assert await due(world, "V") == await due(world, "W", token) == ["after-delivery"]
    await asked(world, "V")

    assert [await due(world, "V"), await due(world, "W"), await due(world, "new", token)] == [
        [],
        [],
        [],
    ]
    with pytest.raises(Refused) as refusal:
        await asked(world, "W", token=token)
    assert refusal.value.reason == "SURVEY_NOT_DUE"


async def test_nobody_is_asked_as_somebody_else(world: World) -> None:
    await put(world, a_survey())
    await live(world, "V", customer="C")

    with pytest.raises(Denied) as refusal:
        await due(world, "C")

    assert refusal.value.reason == "VISITOR_ID_TAKEN"


async def test_rules_are_rows_that_staff_change(world: World) -> None:
    usual = await world.ask(
        world.survey_staff.GetSurveyRules, pb.GetSurveyRulesRequest(), world.staff
    )
    await put(world, a_survey())
    await live(world)

    await put_rules(world, most_per_year=0)
    nobody = await due(world)
    changed = await put_rules(world, days_between=0)

    assert (usual.version, usual.days_between, usual.most_per_year) == (0, 30, 4)
    assert (nobody, changed.version, await due(world)) == ([], 2, ["after-delivery"])


async def test_customers_and_strangers_keep_no_surveys(world: World) -> None:
    request = pb.PutSurveyRequest(survey=a_survey())

    for token in (world.tokens.customer(an_id("C")), world.tokens.staff("journeys.read")):
        with pytest.raises(Denied):
            await world.ask(world.survey_staff.PutSurvey, request, token)
