"""Broker, database and replicas go away in traffic: nothing said to a buyer is lost.

All of it comes back by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import psycopg
import pytest

from chassis.testing import eventually
from stack.faults import chaos
from stack.platform import Platform
from stack.shoppers.shopper import Api, ApiError
from stack.topology import STAFF_EMAIL
from tests.e2e.conftest import a_product, promotions_off


@pytest.fixture
async def fragile_staff(fragile: Platform) -> AsyncIterator[Api]:
    async with Api(fragile.gateway_urls, patience_seconds=30) as staff:
        await staff.log_in(STAFF_EMAIL, fragile.staff_password)
        yield staff


@pytest.fixture
async def goods(fragile_staff: Api) -> str:
    """A variant without promotions: while the broker is away, a first order is counted late."""
    await promotions_off(fragile_staff)
    return await a_product(fragile_staff, stock=10_000)


async def a_shopper(platform: Platform, patience_seconds: float) -> Api:
    shopper = Api(platform.gateway_urls, patience_seconds=patience_seconds)
    await shopper.become_guest()
    return shopper


# A buyer's order ends within this time of the fault that delayed it.
PENDING_SECONDS = 120


async def ended(shopper: Api, order_id: str) -> dict[str, Any] | None:
    """Returns the order once it is no longer pending."""
    order = (await shopper.call("GET", f"/v1/orders/{order_id}")).body
    return None if order["status"] == "pending" else order


@contextlib.asynccontextmanager
async def traffic(platform: Platform, variant_id: str, *, buyers: int = 4) -> AsyncIterator[Placed]:
    """Buyers who go on buying while the block runs, and who repeat what gets no answer.

    Yields their placed orders.
    """
    placed, stopping = Placed(), asyncio.Event()

    async def go_on() -> None:
        async with await a_shopper(platform, 60) as shopper:
            while not stopping.is_set():
                reply = await shopper.buy((variant_id, 1))
                order = reply.body
                if order["status"] == "pending":
                    order = await eventually(
                        partial(ended, shopper, order["id"]), within=PENDING_SECONDS, every=0.2
                    )
                assert order["status"] == "placed", order["refusal_reason"]
                placed.order_ids.append(order["id"])
                placed.buyers.add(order["owner_id"])

    tasks = [asyncio.create_task(go_on()) for _ in range(buyers)]
    try:
        yield placed
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


@dataclass
class Placed:
    """Orders that buyers know to be placed, and who the buyers are."""

    order_ids: list[str] = field(default_factory=list)
    buyers: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.order_ids)


def counted_by_cart(platform: Platform, placed: Placed) -> int:
    """Returns the count of orders of these buyers in the cart service, as events told it."""
    with psycopg.connect(platform.postgres.superuser_dsn("cart")) as connection:
        row = connection.execute(
            "SELECT coalesce(sum(placed), 0) FROM order_count WHERE subject = ANY(%s)",
            [list(placed.buyers)],
        ).fetchone()
        return int(row[0]) if row else 0


async def outbox_is_empty(platform: Platform) -> bool:
    def pending(name: str) -> int:
        with psycopg.connect(platform.postgres.superuser_dsn(name)) as connection:
            row = connection.execute("SELECT count(*) FROM outbox").fetchone()
            return int(row[0]) if row else 0

    counts = await asyncio.gather(
        *(asyncio.to_thread(pending, name) for name in ("catalog", "cart", "checkout", "identity"))
    )
    return not any(counts)


@contextlib.asynccontextmanager
async def away(platform: Platform, name: str) -> AsyncIterator[None]:
    """SIGKILLs a component for as long as the block runs."""
    await asyncio.to_thread(platform.kill, name)
    try:
        yield
    finally:
        await asyncio.to_thread(platform.start, name)


async def saw_away(platform: Platform, dependency: str) -> bool:
    """Returns whether checkout says, while it stays ready, that the dependency is away."""
    async with httpx.AsyncClient(base_url=platform.admin_url("checkout-1")) as client:
        report = (await client.get("/readyz?verbose")).json()
        metrics = (await client.get("/metrics")).text
    return (
        report["ready"]
        and report["dependencies"][dependency] is False
        and f'dependency_up{{dependency="{dependency}"}} 0.0' in metrics
    )


async def test_no_event_is_lost_while_the_broker_is_away(fragile: Platform, goods: str) -> None:
    async with traffic(fragile, goods) as placed:
        await eventually(lambda: len(placed) >= 4, within=30)
        async with away(fragile, "nats"):
            await eventually(lambda: saw_away(fragile, "nats"), within=10)
            so_far = len(placed)
            # Selling goes on without the broker: events wait in the outbox.
            await eventually(lambda: len(placed) >= so_far + 4, within=30)

    await eventually(lambda: outbox_is_empty(fragile), within=30)
    await eventually(lambda: counted_by_cart(fragile, placed) == len(placed), within=30)
    charged = await chaos.charges(fragile)
    assert all(order_id in charged for order_id in placed.order_ids)


async def test_a_lost_database_is_a_clear_503_and_nothing_is_lost(
    fragile: Platform, goods: str
) -> None:
    async with traffic(fragile, goods) as placed:
        await eventually(lambda: len(placed) >= 4, within=30)
        async with await a_shopper(fragile, 30) as impatient, away(fragile, "postgres"):
            impatient.patience_seconds = 0
            with pytest.raises(ApiError) as refusal:
                await impatient.start_cart((goods, 1))
            assert (refusal.value.status, refusal.value.reason) == (503, "DATABASE_UNAVAILABLE")
            await eventually(lambda: saw_away(fragile, "postgres"), within=10)
        so_far = len(placed)
        await eventually(lambda: len(placed) >= so_far + 4, within=45)

    await eventually(lambda: outbox_is_empty(fragile), within=30)
    await eventually(lambda: counted_by_cart(fragile, placed) == len(placed), within=30)
    charged = await chaos.charges(fragile)
    assert all(order_id in charged for order_id in placed.order_ids)


async def test_retry_after_comes_with_a_503(fragile: Platform, goods: str) -> None:
    async with await a_shopper(fragile, 30) as shopper:
        async with away(fragile, "cart"), httpx.AsyncClient(timeout=20) as client:
            url = f"{fragile.gateway_url}/v1/carts/current"
            response = await client.get(url, headers={"Authorization": f"Bearer {shopper.token}"})

    assert response.status_code == 503
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["reason"] == "UNAVAILABLE"


@pytest.mark.parametrize("name", ["gateway-1", "catalog-2", "cart-2", "checkout-2"])
async def test_a_terminated_replica_fails_no_request_that_had_begun(
    fragile: Platform, goods: str, name: str
) -> None:
    failures, answered, stopping = list[str](), list[float](), asyncio.Event()
    # Who loses a gateway asks the next one; what this gateway had begun to answer must be answered.
    urls = [
        url for url in fragile.gateway_urls if name != "gateway-1" or url != fragile.gateway_url
    ]

    async def look(client: httpx.AsyncClient, token: str) -> None:
        while not stopping.is_set():
            began = time.monotonic()
            response = await client.get(
                f"{urls[0]}/v1/carts/current", headers={"Authorization": f"Bearer {token}"}
            )
            answered.append(time.monotonic() - began)
            if response.status_code != 200:
                failures.append(f"{response.status_code} {response.text[:200]}")

    async def on_the_dying_gateway(token: str) -> None:
        """Requests on connections of their own, so that none is refused for an old connection."""
        while not stopping.is_set():
            async with httpx.AsyncClient(timeout=20) as client:
                try:
                    response = await client.get(
                        f"{fragile.gateway_url}/v1/carts/current",
                        headers={"Authorization": f"Bearer {token}"},
                    )
                except (httpx.ConnectError, httpx.ReadError):
                    # Refused, or reset in the kernel's queue when the listener closed. What was
                    # begun and not answered would end in a RemoteProtocolError: the server had read
                    # all of it.
                    return
                if response.status_code != 200:
                    failures.append(f"{response.status_code} {response.text[:200]}")

    async with await a_shopper(fragile, 30) as shopper, httpx.AsyncClient(timeout=20) as client:
        await shopper.start_cart((goods, 1))
        tasks = [asyncio.create_task(look(client, shopper.token)) for _ in range(4)]
        if name == "gateway-1":
            tasks += [asyncio.create_task(on_the_dying_gateway(shopper.token)) for _ in range(2)]
        await eventually(lambda: len(answered) > 20, within=20)
        await asyncio.to_thread(fragile.terminate, name)
        try:
            so_far = len(answered)
            await eventually(lambda: len(answered) > so_far + 20, within=20)
        finally:
            stopping.set()
            await asyncio.to_thread(fragile.start, name)
            await asyncio.gather(*tasks)

    assert failures == []


async def test_reads_go_on_while_checkout_is_dead_and_say_what_is_missing(
    fragile: Platform, fragile_staff: Api
) -> None:
    variant_id = await a_product(fragile_staff)
    async with await a_shopper(fragile, 30) as shopper:
        async with away(fragile, "checkout"):
            cart = await shopper.start_cart((variant_id, 1))
            path = f"/v1/carts/{cart['id']}?expand=delivery_options"
            degraded = (await shopper.call("GET", path)).body

        async def whole() -> bool:
            return (await shopper.call("GET", path)).body["degraded"] == []

        assert degraded["degraded"] == ["delivery_options"]
        assert "delivery_options" not in degraded
        assert degraded["lines"]
        await eventually(whole, within=15)


async def test_a_feed_is_cut_neither_by_a_replica_that_lags_nor_by_one_that_dies(
    fragile: Platform, fragile_staff: Api
) -> None:
    name, products = f"feed-{uuid.uuid4().hex[:8]}", 120
    price = {"price": {"amount_minor": 20_00, "currency": "EUR"}}
    sold = [
        {
            "external_id": f"{name}-{number}",
            "slug": f"{name}-{number}",
            "title": {"en": f"Teapot {number}"},
            "published": True,
            "images": [{"url": "/teapot.webp", "alt": "A teapot"}],
            "variants": [{"sku": f"{name}-{number}", "prices": [price], "initial_stock": {"": 9}}],
        }
        for number in range(products)
    ]
    imported = {"source": name, "products": sold}
    await fragile_staff.call("POST", "/v1/staff/products/import", imported)
    # Replicas of catalog follow it a second apart.
    host = {"base_url": "https://shop.example"}
    await fragile_staff.call("PATCH", "/v1/staff/storefronts/default", host)
    feeds, stopping = list[str](), asyncio.Event()

    async def read(client: httpx.AsyncClient) -> None:
        """Reads feeds. One that is cut raises; one whose first part is refused is not counted."""
        while not stopping.is_set():
            url = f"{fragile.gateway_url}/v1/feeds/google?locale=en&currency=EUR"
            response = await client.get(url)
            if response.status_code == 200:
                feeds.append(response.text)

    async def goes_on() -> None:
        so_far = len(feeds)
        await eventually(lambda: len(feeds) > so_far + 4, within=40)

    async with httpx.AsyncClient(timeout=60) as client:
        tasks = [asyncio.create_task(read(client)) for _ in range(2)]
        try:
            await goes_on()
            for component in ("catalog-2", "checkout"):
                await asyncio.to_thread(fragile.kill, component)
                await asyncio.to_thread(fragile.start, component)
                await goes_on()
        finally:
            stopping.set()
            await asyncio.gather(*tasks)

    assert [feed.count(f"<g:id>{name}-") for feed in feeds] == [products] * len(feeds)
    assert all(feed.endswith("</channel></rss>\n") for feed in feeds)


async def test_a_poison_event_reaches_the_dead_letters_and_is_redriven(
    fragile: Platform, fragile_staff: Api
) -> None:
    import nats

    client = await nats.connect(fragile.nats.url())
    event_type = "sojourn.checkout.v1.OrderPlaced"
    headers = {
        "ce-id": str(uuid.uuid4()),
        "ce-type": event_type,
        "ce-time": "2026-01-01T00:00:00+00:00",
        "ce-subject": "x",
    }
    await client.jetstream().publish(f"events.{event_type}", b"\xff not a message", headers=headers)
    await client.close()

    async def buried() -> list[dict]:
        body = (await fragile_staff.call("GET", "/v1/staff/dead-letters?service=cart")).body
        return [
            letter
            for letter in body["dead_letters"]["cart"]
            if letter["event_id"] == headers["ce-id"]
        ]

    letters = await eventually(buried, within=90)
    sequence = letters[0]["sequence"]
    redriven = await fragile_staff.call(
        "POST", "/v1/staff/dead-letters/redrive", {"service": "cart", "sequences": [sequence]}
    )

    assert letters[0]["error"] == "DecodeError"
    assert redriven.body["sequences"] == [sequence]

    async def gone() -> bool:
        return all(letter["sequence"] != sequence for letter in await buried())

    await eventually(gone, within=5)
