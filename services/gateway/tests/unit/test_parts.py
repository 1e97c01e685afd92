"""Answers of several parts: a part that is refused for a moment cuts no answer."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chassis.rpc.deadlines import seconds_left, set_deadline
from chassis.rpc.errors import DeadlineExceeded, DomainError, Refused, Unavailable
from gateway.admission import Overloaded
from gateway.composed.discovery import parts
from gateway.composed.discovery.product_feed import QuotedPart, feed_xml
from gateway.contracts.rpc import rpc
from sojourn.catalog.v1 import discovery_pb2 as pb
from sojourn.catalog.v1.discovery_pb2_grpc import DiscoveryServiceServicer

READ = rpc(DiscoveryServiceServicer.ReadProductFeed)


class StorefrontHasNoHost(Refused):
    """As catalog refuses a storefront of whose host it does not know yet."""


class Replicas:
    """A request whose service answers a feed of so many parts, and refuses some calls before."""

    def __init__(self, most_parts: int, *refusals: DomainError) -> None:
        self.message = pb.ReadProductFeedRequest()
        self.seconds_left: list[float] = []
        self._most_parts, self._refusals = most_parts, list(refusals)

    async def ask(self, _rpc: Any, message: pb.ReadProductFeedRequest) -> pb.FeedPart:
        self.seconds_left.append(seconds_left(60))
        if message.part_token and self._refusals:
            raise self._refusals.pop(0)
        number = int(message.part_token or 0)
        token = str(number + 1) if number + 1 < self._most_parts else ""
        return pb.FeedPart(organization_name="Shop", next_part_token=token)


def advance(asked: pb.ReadProductFeedRequest, part: pb.FeedPart) -> bool:
    asked.part_token = part.next_part_token
    return bool(part.next_part_token)


async def read_all(replicas: Any) -> bytes:
    first = await parts.read_first_part(replicas, READ)

    async def quoted() -> Any:
        async for part in parts.parts_of(replicas, READ, first, advance):
            yield QuotedPart(part, [])

    return b"".join([chunk async for chunk in feed_xml(quoted(), first)])


@pytest.mark.parametrize(
    "refusal",
    [
        StorefrontHasNoHost(channel="default"),
        Overloaded("the shop is very busy"),
        Unavailable("restarting"),
        DeadlineExceeded(peer="catalog"),
    ],
)
async def test_a_later_part_that_is_refused_for_a_moment_does_not_cut_the_answer(
    refusal: DomainError,
) -> None:
    replicas = Replicas(3, refusal, refusal)

    feed = await read_all(replicas)

    assert feed.endswith(b"</channel></rss>\n")
    assert len(replicas.seconds_left) == 3 + 2


async def test_each_part_has_time_of_its_own_however_long_the_answer_takes() -> None:
    replicas = Replicas(3)
    set_deadline(0.01)
    try:
        await read_all(replicas)
    finally:
        set_deadline(None)

    assert all(left > 5 for left in replicas.seconds_left[1:])


async def test_a_first_part_that_is_refused_is_an_ordinary_refusal() -> None:
    replicas = Replicas(2)
    replicas.message.part_token = "1"
    replicas._refusals.append(StorefrontHasNoHost(channel="default"))

    with pytest.raises(StorefrontHasNoHost):
        await read_all(replicas)

    assert len(replicas.seconds_left) == 1


async def test_a_part_that_stays_refused_ends_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_PATIENCE_SECONDS", 0.4)
    replicas = Replicas(2, *[StorefrontHasNoHost(channel="default")] * 100)
    began_at = time.monotonic()

    with pytest.raises(StorefrontHasNoHost):
        await read_all(replicas)

    assert time.monotonic() - began_at < 2
    assert 2 <= len(replicas.seconds_left) < 10
