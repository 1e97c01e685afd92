"""Costs that grow with the catalogue: import, index, long categories, changes until found."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

import psycopg
from rich.console import Console

from stack.bench.usage import by_component, cpu_seconds, resident_bytes
from stack.platform import Platform
from stack.shoppers.shopper import Api
from stack.topology import STAFF_EMAIL

# The slowest start of a service: an index takes about half a millisecond a product.
_START_SECONDS: Final = 90.0
_START_SECONDS_PER_PRODUCT: Final = 0.005
_PAGE_SIZE: Final = 100
_CHANGES: Final = 7
_FOUND_WITHIN_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of CPU by component."""

    seconds: float
    cpu_seconds: dict[str, float]

    @property
    def cpu(self) -> float:
        return sum(self.cpu_seconds.values())


@dataclass(frozen=True)
class Growth:
    """The cost of a catalogue of a size besides its requests.

    `index_build` is a start without a snapshot of the search index, `index_open` one with it.
    `pages_of_category` read its largest category from end to end.
    """

    products: int
    importing: Spent
    index_build: Spent
    index_open: Spent
    catalog_mebibytes: float
    category: str
    category_products: int
    pages_of_category: int
    seconds_of_pages: float
    slowest_page_ms: float
    searchable_after_seconds: float
    searchable_after_at_most_seconds: float

    def as_json(self) -> dict[str, Any]:
        """Returns it as the file has it."""
        return asdict(self)


class Stopwatch:
    """Measures what a piece of work takes of all processes that run then."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.spent = Spent(0.0, {})

    @contextmanager
    def running(self) -> Iterator[None]:
        before, began = cpu_seconds(self._platform.runtime), time.monotonic()
        yield
        after = cpu_seconds(self._platform.runtime)
        # What was started meanwhile began at 0, and so may what was started again.
        used = {
            name: seconds - before.get(name, 0.0) if seconds >= before.get(name, 0.0) else seconds
            for name, seconds in after.items()
        }
        self.spent = Spent(
            round(time.monotonic() - began, 2),
            {
                name: round(seconds, 2)
                for name, seconds in by_component(self._platform, used).items()
                if seconds >= 0.01
            },
        )


def start_seconds(products: int) -> float:
    """Returns how long a service may take until it is ready."""
    return max(_START_SECONDS, products * _START_SECONDS_PER_PRODUCT)


def measure(platform: Platform, products: int, importing: Spent, console: Console) -> Growth:
    """Measures a catalogue that was imported."""
    build = _start(platform, {"SEARCH_SNAPSHOT_CHANGES": "0"})
    _store_snapshot(platform, products)
    opened = _start(platform, {})
    memory = by_component(
        platform, {name: float(size) for name, size in resident_bytes(platform.runtime).items()}
    )["catalog"]
    slug, total, pages, seconds, slowest = asyncio.run(_page_to_the_end(platform))
    waits = asyncio.run(_change_until_found(platform))
    growth = Growth(
        products=products,
        importing=importing,
        index_build=build,
        index_open=opened,
        catalog_mebibytes=round(memory / 2**20, 1),
        category=slug,
        category_products=total,
        pages_of_category=pages,
        seconds_of_pages=round(seconds, 2),
        slowest_page_ms=round(1000 * slowest, 1),
        searchable_after_seconds=round(median(waits), 2),
        searchable_after_at_most_seconds=round(max(waits), 2),
    )
    print_growth(growth, console)
    return growth


def _start(platform: Platform, settings: dict[str, str]) -> Spent:
    """Starts catalog again with other settings until it is ready."""
    watch, before = Stopwatch(platform), platform.settings
    platform.terminate("catalog")
    platform.settings = {**before, "catalog": {**before.get("catalog", {}), **settings}}
    try:
        with watch.running():
            platform.start("catalog")
    finally:
        platform.settings = before
    return watch.spent


def _store_snapshot(platform: Platform, products: int) -> None:
    """Has the index stored as it is now. Raises AssertionError if that takes too long."""
    _start(platform, {"SEARCH_SNAPSHOT_CHANGES": "1"})
    until = time.monotonic() + start_seconds(products)
    with psycopg.connect(platform.postgres.superuser_dsn("catalog"), autocommit=True) as connection:
        connection.execute("DELETE FROM search_snapshot")
        while not connection.execute("SELECT FROM search_snapshot").fetchall():
            assert time.monotonic() < until, "no snapshot of the search index is stored"
            time.sleep(1)


def print_growth(growth: Growth, console: Console) -> None:
    """Prints a line a figure."""
    made, built = growth.importing, growth.index_build
    opened = growth.index_open
    built_cpu, opened_cpu = (each.cpu_seconds.get("catalog", 0.0) for each in (built, opened))
    lines = {
        "import": f"{made.seconds:,.1f} s, {growth.products / made.seconds:,.0f} a second,"
        f" {1000 * made.cpu / growth.products:.1f} ms of CPU a product",
        "start that builds": f"{built.seconds:,.1f} s, {built_cpu:,.1f} s of CPU",
        "start that opens": f"{opened.seconds:,.1f} s, {opened_cpu:,.1f} s of CPU,"
        f" {growth.catalog_mebibytes:,.0f} MiB with the index",
        "largest category": f"{growth.category}: {growth.category_products:,} products on"
        f" {growth.pages_of_category:,} pages in {growth.seconds_of_pages:,.1f} s, the slowest in"
        f" {growth.slowest_page_ms:,.0f} ms",
        "a change is found": f"after {growth.searchable_after_seconds:.2f} s, at most"
        f" {growth.searchable_after_at_most_seconds:.2f} s",
    }
    console.print(f"\n[bold]a catalogue of {growth.products:,} products[/]")
    for name, said in lines.items():
        console.print(f"  {name:<20}{said}")


async def _page_to_the_end(platform: Platform) -> tuple[str, int, int, float, float]:
    """Pages through the largest category. Raises AssertionError where a product is missing."""
    async with Api(platform.gateway_urls) as shopper:
        tree = (await shopper.call("GET", "/v1/categories")).body["categories"]
        largest = max(tree, key=lambda each: int(each["product_count"]))
        path = f"/v1/categories/{largest['slug']}/products?page_size={_PAGE_SIZE}&currency=EUR"
        seen, pages, slowest, token = set[str](), 0, 0.0, ""
        began = time.monotonic()
        while True:
            reply = await shopper.call("GET", f"{path}&page_token={token}" if token else path)
            seen.update(product["id"] for product in reply.body["products"])
            pages, slowest = pages + 1, max(slowest, reply.seconds)
            token = reply.body.get("next_page_token", "")
            if not token:
                break
        assert len(seen) == int(largest["product_count"]), "pages have every product once"
        return largest["slug"], len(seen), pages, time.monotonic() - began, slowest


async def _change_until_found(platform: Platform) -> list[float]:
    """Returns the seconds from the answer to a change until a search finds it."""
    waits = []
    async with Api(platform.gateway_urls) as staff, Api(platform.gateway_urls) as shopper:
        await staff.log_in(STAFF_EMAIL, platform.staff_password)
        listed = await staff.call("GET", f"/v1/staff/products?page_size={_CHANGES}")
        for product in listed.body["products"]:
            word = f"bench{uuid.uuid4().hex[:10]}"
            title = f"{product['title']['en']} {word}"
            path = f"/v1/staff/products/{product['id']}"
            await staff.call("PATCH", path, {"title": {"en": title}})
            began = time.monotonic()
            while not (await shopper.call("GET", f"/v1/search?q={word}")).body["total_count"]:
                assert time.monotonic() - began < _FOUND_WITHIN_SECONDS, "a change is not found"
                await asyncio.sleep(0.05)
            waits.append(time.monotonic() - began)
            await staff.call("PATCH", path, {"title": {"en": product["title"]["en"]}})
    return waits
