"""Stories run through a real gateway: on stacks for stories, for faults, and in containers."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from stack.faults import chaos
from stack.kubernetes.installation import Installation
from stack.platform import Platform
from stack.shoppers import demo_catalogue
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL
from tests.stacks import sharing

# Of the faults, what runs in containers too: each of their ways to be away, where the one that
# comes back has another address.
FAULTS_IN_CONTAINERS = (
    "test_no_event_is_lost_while_the_broker_is_away",
    "test_a_lost_database_is_a_clear_503_and_nothing_is_lost",
    "test_reads_go_on_while_checkout_is_dead_and_say_what_is_missing",
)
# The stories that run in containers too: those whose outcome an image, its files, its ports or its
# network may change. The code of the others is the same there; EVERYWHERE=1 runs all.
FILES_IN_CONTAINERS = (
    "test_browser.py",
    "test_catalogue_files.py",
    "test_content.py",
    "test_journey.py",
    "test_observed.py",
    "test_ownership.py",
    "test_payments.py",
    "test_product_kinds.py",
    "test_purchase.py",
)
# Commands of services, which the stack runs as processes of this machine, and a look into its
# databases.
EMBEDDED_ONLY = (
    "test_the_money_on_journeys_is_the_ledger_s_after_a_refund",
    "test_every_table_forgets_an_erased_customer_but_for_what_orders_keep",
)
CONTAINERS = pytest.param(
    "containers", marks=[pytest.mark.containers, pytest.mark.xdist_group("containers")]
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each story on the embedded stack, and some in containers where an engine is.

    SOJOURN_INSTALLATION names an installation to use instead.
    """
    if Installation.named():
        if "platform" in metafunc.fixturenames:
            metafunc.parametrize("platform", ["cluster"], indirect=True, scope="session")
        return
    for stack, group in (("platform", "stories"), ("fragile", "faults")):
        if stack in metafunc.fixturenames:
            embedded = pytest.param("embedded", marks=pytest.mark.xdist_group(group))
            in_containers = _runs_in_containers(metafunc, group)
            metafunc.parametrize(
                stack,
                [embedded, *([CONTAINERS] if in_containers else [])],
                indirect=True,
                scope="session",
            )


def _runs_in_containers(metafunc: pytest.Metafunc, group: str) -> bool:
    test = metafunc.function.__name__
    if group == "faults":
        return test in FAULTS_IN_CONTAINERS
    file = Path(str(metafunc.module.__file__)).name
    is_chosen = file in FILES_IN_CONTAINERS or os.environ.get("EVERYWHERE") == "1"
    return is_chosen and test not in EMBEDDED_ONLY


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first story of a stack starts it, and that of the containers may build the images."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(
                pytest.mark.timeout(1200 if item.get_closest_marker("containers") else 300)
            )


def _stack(group: str, **options: Any) -> Iterator[Platform]:
    home = Path(tempfile.mkdtemp(prefix="sojourn-e2e-"))
    platform = Platform(
        home=home, ports="free", clock="virtual", settings=chaos.SETTINGS, **options
    )
    with sharing(platform, group=group):
        platform.up()
        yield platform


@pytest.fixture(scope="session")
def containers() -> Iterator[Platform]:
    """The stack in containers: two replicas of what is killed, and a durable database."""
    yield from _stack("containers", kind="containers", durable=True, replicas=chaos.REPLICATED)


@pytest.fixture(scope="session")
def platform(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """The stack of the stories: embedded, in containers, or in a cluster.

    The embedded one has one replica of each service, which is never killed.
    """
    if request.param == "containers":
        yield request.getfixturevalue("containers")
    elif request.param == "cluster":
        yield Installation.named()  # type: ignore[misc]
    else:
        yield from _stack("stories", durable=False)


@pytest.fixture(scope="session")
def fragile(request: pytest.FixtureRequest) -> Iterator[Platform]:
    """The stack of the faults: two replicas of what is killed, and a durable database."""
    if request.param == "containers":
        yield request.getfixturevalue("containers")
    else:
        yield from _stack("faults", durable=True, replicas=chaos.REPLICATED)


@pytest.fixture
async def staff(platform: Platform) -> AsyncIterator[Api]:
    async with Api(platform.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        staff.patience_seconds = 0
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
        await staff.call(
            "POST", "/v1/staff/categories/import", {"categories": list(demo_catalogue.categories())}
        )
        products = list(islice(iter(demo_catalogue.products(60)), 60))
        await staff.call(
            "POST", "/v1/staff/products/import", {"source": "demo", "products": products}
        )


ProductMaker = Callable[..., Any]


async def a_product(
    staff: Api, *, stock: int = 100, price_minor: int = 4900, weight_grams: int = 0
) -> str:
    """Imports a product of its own, and returns its variant's id."""
    sku = f"test-{uuid.uuid4().hex[:10]}"
    price = {"price": {"amount_minor": price_minor, "currency": "EUR"}}
    product = {
        "external_id": sku,
        "slug": sku,
        "title": {"en": f"Test {sku}"},
        "published": True,
        "variants": [
            {
                "sku": sku,
                "prices": [price],
                "initial_stock": {"": stock},
                "weight_grams": weight_grams,
            }
        ],
    }
    await staff.call(
        "POST", "/v1/staff/products/import", {"source": "tests", "products": [product]}
    )
    page = (await staff.call("GET", f"/v1/products/{sku}?currency=EUR")).body
    return str(page["variants"][0]["id"])


async def promotions_off(staff: Api) -> None:
    """Ends every promotion that other stories of the stack have made."""
    for promotion in (await staff.call("GET", "/v1/staff/promotions?page_size=100")).body[
        "promotions"
    ]:
        off = {"label": {"en": "off"}, "percent_basis_points": 1, "active": False}
        await staff.call("PUT", f"/v1/staff/promotions/{promotion['code']}", off)


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
