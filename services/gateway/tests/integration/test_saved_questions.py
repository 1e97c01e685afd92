"""Saved questions through the API: parameters as they were sent, versions as ETags."""

from __future__ import annotations

import re

from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, a_shop

SCOPES = ["journeys.read", "journeys.write"]
STAFF = {"Authorization": "Bearer " + TOKENS.create("staff", uuid7(), scopes=SCOPES)}
PATH = "/v1/staff/saved-questions/weekly"
QUESTION = {
    "name": "Weekly",
    "kind": "trend",
    "request": {"interval": "week", "filter": {"conditions": [{"field": "amount", "below": 5}]}},
}


async def test_a_question_is_put_read_listed_asked_and_deleted() -> None:
    async with a_shop() as shop:
        put = await shop.client.put(PATH, json=QUESTION, headers=STAFF)
        read = await shop.client.get(PATH, headers=STAFF)
        listed = await shop.client.get(
            "/v1/staff/saved-questions", params={"kind": "trend"}, headers=STAFF
        )
        none = await shop.client.get(
            "/v1/staff/saved-questions", params={"kind": "funnel"}, headers=STAFF
        )
        asked = await shop.client.post(f"{PATH}/answer", headers=STAFF)
        deleted = await shop.client.delete(PATH, headers=STAFF)
        gone = await shop.client.get(PATH, headers=STAFF)

    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    assert read.json()["request"] == QUESTION["request"]
    # A whole number comes back as one, so that the parameters can be sent as they are.
    assert re.search('"below":5[,}]', read.text)
    assert [one["slug"] for one in listed.json()["questions"]] == ["weekly"]
    assert none.json()["questions"] == []
    assert asked.json()["trend"]["points"] == []
    assert asked.json()["funnel"] is None
    assert (deleted.status_code, gone.status_code) == (204, 404)


async def test_a_version_that_is_not_the_last_one_is_refused() -> None:
    async with a_shop() as shop:
        await shop.client.put(PATH, json=QUESTION, headers=STAFF)
        second = await shop.client.put(PATH, json=QUESTION, headers={**STAFF, "If-Match": '"1"'})
        stale = await shop.client.put(PATH, json=QUESTION, headers={**STAFF, "If-Match": '"1"'})

    assert (second.status_code, second.headers["etag"]) == (200, '"2"')
    assert (stale.status_code, stale.json()["reason"]) == (412, "VERSION_MISMATCH")


async def test_what_is_no_question_is_refused_by_its_names() -> None:
    async with a_shop() as shop:
        answer = await shop.client.put(
            PATH, json={"kind": "guess", "request": [], "nmae": "x"}, headers=STAFF
        )

    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert answer.status_code == 422
    assert pointers == {"/body/kind", "/body/request", "/body/nmae", "/body/name"}
