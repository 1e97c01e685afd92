"""Questions answered in two steps, as events of a stream, through the API."""

from __future__ import annotations

import json

from chassis.rpc.errors import Refused
from chassis.runtime.clock import uuid7
from services.gateway.tests.gateway_shop import TOKENS, Shop, a_shop

STAFF = {"Authorization": "Bearer " + TOKENS.create("staff", uuid7(), scopes=["journeys.read"])}
STREAM = {**STAFF, "Accept": "text/event-stream"}
PATH = "/v1/staff/questions/trend"


class QuestionTooLarge(Refused):
    """As the journey service refuses."""


async def events_of(shop: Shop, **asked: int) -> list[tuple[str, dict[str, object]]]:
    answer = await shop.client.post(PATH, json={"interval": "day", **asked}, headers=STREAM)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    blocks = [block.splitlines() for block in answer.text.split("\n\n") if block]
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in blocks
    ]


async def test_an_estimate_comes_first_and_the_exact_answer_after_it() -> None:
    async with a_shop() as shop:
        (first, estimate), (second, exact) = await events_of(shop)

    assert (first, second) == ("estimate", "exact")
    assert estimate["estimate"] == {"read_share": 0.25}
    assert exact["estimate"] is None
    assert shop.questions.within == [800, 0]


async def test_the_time_of_the_first_answer_is_the_client_s() -> None:
    async with a_shop() as shop:
        await events_of(shop, within_ms=200)

    assert shop.questions.within == [200, 0]


async def test_an_answer_that_is_exact_at_once_is_the_only_event() -> None:
    async with a_shop() as shop:
        shop.questions.is_small = True
        ((name, answer),) = await events_of(shop)

    assert (name, answer["points"]) == ("exact", [])
    assert shop.questions.within == [800]


async def test_an_exact_answer_that_is_refused_leaves_the_estimate() -> None:
    async with a_shop() as shop:
        shop.questions.refusal = QuestionTooLarge("it takes longer than 12 s")
        (first, _), (second, refused) = await events_of(shop)

    assert (first, second) == ("estimate", "problem")
    assert (refused["status"], refused["reason"]) == (409, "QUESTION_TOO_LARGE")


async def test_other_clients_get_one_answer() -> None:
    async with a_shop() as shop:
        answer = await shop.client.post(PATH, json={"interval": "day"}, headers=STAFF)
        stranger = await shop.client.post(
            PATH, json={"interval": "day"}, headers={"Accept": "text/event-stream"}
        )

    assert answer.json()["estimate"] is None
    assert shop.questions.within == [0]
    assert stranger.status_code == 401
    assert stranger.headers["content-type"] == "application/problem+json"
