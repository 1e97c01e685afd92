"""Stories run through the gateway of a real platform: one stack for the stories, one with replicas for the faults."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from stack import chaos, demo_catalogue
from stack.kubernetes.installation import Installation
from stack.platform import Platform
from stack.shopper import Api
from stack.topology import STAFF_EMAIL

FAULTS = ("test_faults", "test_sell_out", "test_saga_kills", "test_journey_faults")
STORIES_RUN: dict[str, int] = {}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each stack belongs to one worker."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("faults" if item.path.stem in FAULTS else "stories"))
            item.add_marker(pytest.mark.timeout(300))


def _stack(**options: Any) -> Iterator[Platform]:
    home = Path(tempfile.mkdtemp(prefix="sojourn-e2e-"))
    platform = Platform(home=home, ports="free", clock="virtual", settings=chaos.SETTINGS, **options)
    try:
        platform.up()
        yield platform
    finally:
        platform.down(purge=not os.environ.get("KEEP_STACKS"))


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The stack of the stories: one replica of each, which is never killed. SOJOURN_INSTALLATION names one in a cluster instead."""
    if installation := Installation.named():
        yield installation  # type: ignore[misc]
    else:
        yield from _stack(durable=False)


@pytest.fixture(scope="session")
def fragile() -> Iterator[Platform]:
    """The stack of the faults: two replicas of what is killed, and a database that keeps what it commits."""
    yield from _stack(durable=True, replicas=chaos.REPLICATED)


@pytest.fixture
async def staff(platform: Platform) -> AsyncIterator[Api]:
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        yield staff


@pytest.fixture
async def shopper(platform: Platform) -> AsyncIterator[Api]:
    async with Api(platform.gateway_urls) as shopper:
        await shopper.become_guest()
        yield shopper


@pytest.fixture(scope="session")
async def catalogue(platform: Platform) -> None:
    """Sixty of the demo's products in its categories, and its landing pages."""
    async with Api(platform.gateway_urls) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        await staff.call("POST", "/v1/staff/categories/import", {"categories": list(demo_catalogue.categories())})
        products = list(islice(iter(demo_catalogue.products(60)), 60))
        await staff.call("POST", "/v1/staff/products/import", {"source": "demo", "products": products})


ProductMaker = Callable[..., Any]


async def a_product(staff: Api, *, stock: int = 100, price_minor: int = 4900) -> str:
    """Imports a product of its own, and returns its variant's id."""
    sku = f"test-{uuid.uuid4().hex[:10]}"
    price = {"price": {"amount_minor": price_minor, "currency": "EUR"}}
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": f"Test {sku}"},
        "published": True,
        "variants": [{"sku": sku, "prices": [price], "initial_stock": {"": stock}}],
    }
    await staff.call("POST", "/v1/staff/products/import", {"source": "tests", "products": [product]})
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return str(page["variants"][0]["id"])


@pytest.fixture
async def variant(staff: Api) -> str:
    """A variant with 100 units."""
    return await a_product(staff)


@pytest.fixture
def make_variant(staff: Api) -> ProductMaker:
    """Makes a variant: `await make_variant(stock=1)`."""

    async def make(**options: int) -> str:
        return await a_product(staff, **options)

    return make
