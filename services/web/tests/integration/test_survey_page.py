"""The page of a survey link: a plain form, answered without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.tests.web_pages import Site, a_site

SURVEY: dict[str, Any] = {
    "slug": "after-delivery",
    "type": "nps",
    "locale": "de",
    "score_text": "Wie <wahrscheinlich>?",
    "lowest_score": 0,
    "highest_score": 10,
    "questions": [
        {"id": "why", "type": "text", "text": "Warum?"},
        {
            "id": "some",
            "type": "multiple_choice",
            "text": "Was?",
            "choices": [{"id": "red", "text": "Rot"}, {"id": "blue", "text": "Blau"}],
        },
        {
            "id": "one",
            "type": "choice",
            "text": "Was davon?",
            "is_required": True,
            "choices": [{"id": "red", "text": "Rot"}, {"id": "blue", "text": "Blau"}],
        },
        {"id": "scale", "type": "scale", "text": "Wie sehr?", "lowest": 1, "highest": 5},
    ],
}
GERMAN = {"Accept-Language": "de-DE"}


def prepare(site: Site) -> None:
    site.gateway.reply("POST", "/v1/surveys/open", SURVEY)
    site.gateway.reply("POST", "/v1/surveys/answer", {"slug": "after-delivery"})
    site.gateway.reply("POST", "/v1/surveys/decline", status=204)


async def test_the_page_asks_all_questions_in_the_readers_language_without_scripts() -> None:
    async with a_site() as site:
        prepare(site)
        page = await site.browser.get("/surveys/secret?score=7", headers=GERMAN)

    assert page.status_code == 200
    assert "<script" not in page.text
    assert 'lang="de"' in page.text
    assert "Ihre Meinung" in page.text
    assert "Wie &lt;wahrscheinlich&gt;?" in page.text
    assert 'name="score" value="7" required checked' in page.text
    assert page.text.count('name="score"') == 11
    assert page.text.count('name="q.scale"') == 5
    assert all(name in page.text for name in ('name="q.why"', 'name="q.some.blue"'))
    assert site.gateway.bodies("POST", "/v1/surveys/open") == [{"token": "secret", "locale": "de"}]
    assert site.gateway.bodies("POST", "/v1/surveys/answer") == []


async def test_the_form_sends_the_answers_to_the_gateway() -> None:
    form = {
        "score": "9",
        "q.why": " gut ",
        "q.some.red": "on",
        "q.some.blue": "on",
        "q.one": "blue",
        "q.scale": "4",
        "q.unknown": "x",
    }
    async with a_site() as site:
        prepare(site)
        done = await site.browser.post("/surveys/secret", data=form)

    assert (done.status_code, "Thank you" in done.text) == (200, True)
    assert site.gateway.bodies("POST", "/v1/surveys/answer") == [
        {
            "token": "secret",
            "locale": "de",
            "score": 9,
            "answers": [
                {"question": "why", "text": "gut"},
                {"question": "some", "choices": ["red", "blue"]},
                {"question": "one", "choices": ["blue"]},
                {"question": "scale", "number": 4},
            ],
        }
    ]


async def test_a_reader_may_decline() -> None:
    async with a_site() as site:
        prepare(site)
        done = await site.browser.post("/surveys/secret", data={"decline": "1"}, headers=GERMAN)

    assert "Wir fragen Sie dazu nicht noch einmal" in done.text
    assert site.gateway.bodies("POST", "/v1/surveys/decline") == [{"token": "secret"}]


async def test_an_answer_that_does_not_fit_is_asked_for_again_with_what_was_written() -> None:
    async with a_site() as site:
        prepare(site)
        site.gateway.refuse("POST", "/v1/surveys/answer", 422, "INVALID_ANSWER")
        page = await site.browser.post("/surveys/secret", data={"score": "3", "q.why": "Kaputt"})

    assert page.status_code == 422
    assert "marked as needed" in page.text
    assert "Kaputt</textarea>" in page.text
    assert 'name="score" value="3" required checked' in page.text


@pytest.mark.parametrize(
    ("status", "reason", "shown", "text"),
    [
        (409, "SURVEY_EXPIRED", 410, "This survey is over"),
        (422, "INVALID_SURVEY_TOKEN", 404, "This link is not good any more"),
        (503, "GATEWAY_AWAY", 503, "away for a moment"),
    ],
)
async def test_a_link_that_is_not_good_says_why(
    status: int, reason: str, shown: int, text: str
) -> None:
    async with a_site() as site:
        site.gateway.refuse("POST", "/v1/surveys/open", status, reason)
        page = await site.browser.get("/surveys/secret")

    assert (page.status_code, text in page.text) == (shown, True)
