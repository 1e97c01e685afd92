"""Requests for one page at one time are one call to the catalogue."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from chassis.rpc.errors import NotFound
from chassis.testing import eventually
from gateway.contracts.rpc import rpc
from gateway.http.page_cache import Cache, Page, Reading
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.catalog_pb2_grpc import CatalogServiceServicer

GET_PRODUCT = rpc(CatalogServiceServicer.GetProduct)


@dataclass
class SlowCatalog:
    """A catalogue that answers when it is told to."""

    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0
    refusal: Exception | None = None

    async def ask_for_anybody(self, method: Any, message: Any) -> pb.Product:
        self.asked += 1
        await self.may_answer.wait()
        if self.refusal:
            raise self.refusal
        return pb.Product(slug="tea")


def a_reading(catalog: SlowCatalog) -> Reading:
    return Reading(catalog, Cache(seconds=60, entries=10, most_bytes=100_000, settling_seconds=0))  # type: ignore[arg-type]  # asked alone


def read(reading: Reading) -> asyncio.Task[Page]:
    key = ("/v1/products/tea", "", "", "")
    asked = pb.GetProductRequest(slug="tea")
    return asyncio.ensure_future(reading.page(GET_PRODUCT, asked, key=key, scope={}))


async def test_requests_for_one_page_share_one_answer() -> None:
    catalog = SlowCatalog()
    reading = a_reading(catalog)

    readers = [read(reading) for _ in range(5)]
    await eventually(lambda: catalog.asked == 1)
    catalog.may_answer.set()

    assert len({id(page) for page in await asyncio.gather(*readers)}) == 1
    assert catalog.asked == 1


async def test_all_who_wait_hear_of_a_refusal() -> None:
    catalog = SlowCatalog(refusal=NotFound())
    reading = a_reading(catalog)

    readers = [read(reading) for _ in range(3)]
    await eventually(lambda: catalog.asked == 1)
    catalog.may_answer.set()

    for reader in readers:
        with pytest.raises(NotFound):
            await reader
    assert catalog.asked == 1


async def test_another_asks_when_the_client_who_asked_has_left() -> None:
    catalog = SlowCatalog()
    reading = a_reading(catalog)
    first, second, third = read(reading), read(reading), read(reading)
    await eventually(lambda: catalog.asked == 1)

    first.cancel()
    await eventually(lambda: catalog.asked == 2)
    catalog.may_answer.set()

    assert await second is await third
    assert first.cancelled()
    assert catalog.asked == 2
