"""Recommendations come whatever becomes of journey."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.rpc.errors import Unavailable
from gateway.composed.recommendations import LIST_SEEN, recommend
from sojourn.catalog.v1 import recommendations_pb2 as pb
from sojourn.journey.v1.seen_products_pb2 import ListSeenProductsResponse


class Asking:
    """An exchange whose journey answers, refuses or never answers."""

    def __init__(self, journey: Any, visitor_id: str = "8f6e3f0c-0000-7000-8000-000000000001"):
        self.message = pb.ListRecommendationsRequest(product="lamp")
        self.context = SimpleNamespace(visitor_id=visitor_id)
        self.options = None
        self._journey = journey

    async def ask(self, rpc: Any, message: Any, options: Any = None) -> Any:
        if rpc is not LIST_SEEN:
            return pb.ListRecommendationsResponse(personal=bool(message.seen))
        if self._journey is None:
            await asyncio.Event().wait()
        if isinstance(self._journey, Exception):
            raise self._journey
        return ListSeenProductsResponse(slugs=self._journey)


@pytest.mark.parametrize(
    ("journey", "seen"), [(["hat", "scarf"], ["hat", "scarf"]), (Unavailable(), []), (None, [])]
)
async def test_recommendations_are_personal_where_journey_answers_in_time(
    journey: Any, seen: list[str]
) -> None:
    asking = Asking(journey)

    answer = await recommend(asking)  # type: ignore[arg-type]

    assert list(asking.message.seen) == seen
    assert json.loads(answer.body)["personal"] is bool(seen)


async def test_who_is_no_visitor_costs_journey_nothing() -> None:
    asking = Asking(AssertionError("journey was asked"), visitor_id="")

    answer = await recommend(asking)  # type: ignore[arg-type]

    assert json.loads(answer.body)["personal"] is False
