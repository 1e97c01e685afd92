"""Surveys through the API: the gateway says who the visitor is, and passes no token on."""

from __future__ import annotations

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import HANDLES, TOKENS, a_shop

VISITOR = str(uuid7())
HANDLE = {"Sojourn-Visitor": HANDLES.handle_of(VISITOR)}


async def test_a_visitor_is_asked_once_and_answers() -> None:
    answer = {"token": "a-token", "score": 0, "answers": [{"question": "why", "text": "late"}]}
    async with a_shop() as shop:
        due = await shop.client.get("/v1/surveys", headers=HANDLE)
        asked = await shop.client.post("/v1/surveys/after-delivery/ask", headers=HANDLE)
        again = await shop.client.post("/v1/surveys/after-delivery/ask", headers=HANDLE)
        given = await shop.client.post("/v1/surveys/answer", json=answer, headers=HANDLE)

    assert [one["slug"] for one in due.json()["surveys"]] == ["after-delivery"]
    assert (asked.status_code, asked.json()["token"]) == (200, "a-token")
    assert asked.headers["cache-control"] == "no-store"
    assert (again.status_code, again.json()["reason"]) == (409, "SURVEY_NOT_DUE")
    assert (given.status_code, given.json()["is_replaced"]) == (200, False)
    assert shop.surveys.asked == [VISITOR]
    (sent,) = shop.surveys.answered
    assert (sent.HasField("score"), sent.score, sent.answers[0].text) == (True, 0, "late")


async def test_nobody_may_say_which_visitor_they_are() -> None:
    async with a_shop() as shop:
        answer = await shop.client.get("/v1/surveys", params={"visitor_id": VISITOR})
        customers = await shop.client.get(
            "/v1/staff/surveys", headers={"Authorization": TOKENS.customer()}
        )

    assert answer.status_code == 422
    assert customers.status_code == 403
