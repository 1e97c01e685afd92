"""The facts of catalog that its callers rely on, true of the real service and of its fakes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import pytest

from catalog.testing import FakeCatalog, FakeStock
from chassis.rpc.auth import SYNTHETIC
from chassis.rpc.errors import Denied, Exists, Invalid, NotFound, Refused
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, eventually, fresh_database, grpc_server, virtual_clock
from services.catalog.tests.catalog_replica import Client, a_product, a_variant, replica
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import catalog_pb2_grpc as pb_grpc


@dataclass
class Catalog:
    """A catalog that sells what a test asks for.

    `sell(stock, is_synthetic)` returns a variant's id.
    """

    client: Client
    sell: Callable[[int, bool], Awaitable[str]]

    async def available(self, variant_id: str) -> int:
        """Returns the units that can be reserved now."""
        with pytest.raises(Refused) as refusal:
            await self.client.reserve({variant_id: 1_000})
        return int(refusal.value.metadata["available"])

    def synthetic_shopper(self) -> str:
        return "Bearer " + self.client.tokens.create("guest", uuid7(), scopes=[SYNTHETIC])


@contextlib.asynccontextmanager
async def a_real_catalog() -> AsyncIterator[Catalog]:
    async with fresh_database("catalog") as database, replica(database) as shop:

        async def sell(stock: int, is_synthetic: bool) -> str:
            sku = f"SKU-{uuid7().hex[-12:]}"
            product = a_product(
                variants=[a_variant(sku=sku, stock=stock)],
                published=not is_synthetic,
                synthetic=is_synthetic,
            )
            [product_id] = (await shop.import_products(product)).product_ids
            if not is_synthetic:
                return (await shop.product(id=product_id)).variants[0].id
            token = shop.tokens.service("cart", "offers.synthetic")
            offers = (await shop.offers(synthetic=True, authorization=token)).offers
            return next(offer.variant_id for offer in offers if offer.sku == sku)

        yield Catalog(shop, sell)


@contextlib.asynccontextmanager
async def a_fake_catalog() -> AsyncIterator[Catalog]:
    tokens, clock = Tokens(), virtual_clock()
    catalog, stock = FakeCatalog(tokens), FakeStock(tokens, clock)

    async def sell(units: int, is_synthetic: bool) -> str:
        variant_id = catalog.sell(available=units, price_minor=50_00, synthetic=is_synthetic)
        stock.on_hand[variant_id] = units
        return variant_id

    async with grpc_server(
        partial(pb_grpc.add_CatalogServiceServicer_to_server, catalog),
        partial(pb_grpc.add_StockServiceServicer_to_server, stock),
    ) as peer:
        yield Catalog(Client(peer, tokens, clock), sell)


@pytest.fixture(params=[a_real_catalog, a_fake_catalog], ids=["real", "fake"])
async def catalog(request: pytest.FixtureRequest) -> AsyncIterator[Catalog]:
    async with request.param() as catalog:
        yield catalog


async def test_offers_come_in_the_order_asked_without_unknown_variants(catalog: Catalog) -> None:
    tea, cup = await catalog.sell(3, False), await catalog.sell(0, False)

    reply = await catalog.client.offers(cup, str(uuid7()), tea, cup)

    assert [(offer.variant_id, offer.available) for offer in reply.offers] == [(cup, 0), (tea, 3)]
    assert {offer.price.currency for offer in reply.offers} == {reply.currency} == {"EUR"}
    assert all(
        offer.price.amount_minor == 50_00 and offer.sku and UUID(offer.product_id) and offer.title
        for offer in reply.offers
    )
    assert [
        (offer.unit_code, offer.increment, offer.tax_class, offer.tax_included)
        for offer in reply.offers
    ] == [("C62", 1, "standard", True)] * 2


async def test_offers_are_in_the_currency_asked_for(catalog: Catalog) -> None:
    tea = await catalog.sell(3, False)

    reply = await catalog.client.offers(tea, currency="USD")

    assert (reply.currency, reply.offers[0].price.currency) == ("USD", "USD")


@pytest.mark.parametrize(
    ("variant_ids", "reason"),
    [(["tea"], "INVALID_ID"), ([str(uuid7()) for _ in range(201)], "INVALID_FIELD")],
    ids=["no id", "too many"],
)
async def test_bad_requests_for_offers_are_refused(
    catalog: Catalog, variant_ids: list[str], reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await catalog.client.offers(*variant_ids)

    assert refusal.value.reason == reason


async def test_synthetic_shoppers_get_offers_of_synthetic_products_only(catalog: Catalog) -> None:
    tea, probe = await catalog.sell(3, False), await catalog.sell(5, True)

    real = await catalog.client.offers(tea, probe)
    named = await catalog.client.offers(
        tea, probe, synthetic=True, authorization=catalog.synthetic_shopper()
    )
    all = await catalog.client.offers(
        synthetic=True, authorization=catalog.client.tokens.service("cart", "offers.synthetic")
    )

    assert [[offer.variant_id for offer in reply.offers] for reply in (real, named, all)] == [
        [tea],
        [probe],
        [probe],
    ]


async def test_synthetic_offers_need_a_scope(catalog: Catalog) -> None:
    with pytest.raises(Denied) as refusal:
        await catalog.client.offers(synthetic=True, authorization=catalog.client.tokens.guest())

    assert refusal.value.reason == "SCOPE_REQUIRED"


async def test_a_reservation_holds_all_lines_or_none(catalog: Catalog) -> None:
    plenty, scarce = await catalog.sell(10, False), await catalog.sell(1, False)

    held = await catalog.client.reserve({plenty: 3})
    with pytest.raises(Refused) as refusal:
        await catalog.client.reserve({plenty: 2, scarce: 2})

    assert (held.status, {line.variant_id: line.quantity for line in held.lines}) == (
        pb.RESERVATION_STATUS_HELD,
        {plenty: 3},
    )
    assert (refusal.value.reason, refusal.value.metadata) == (
        "OUT_OF_STOCK",
        {"variant_id": scarce, "available": "1"},
    )
    assert (await catalog.available(plenty), await catalog.available(scarce)) == (7, 1)


async def test_an_unknown_variant_is_out_of_stock(catalog: Catalog) -> None:
    assert await catalog.available(str(uuid7())) == 0


async def test_a_repeated_reservation_changes_nothing_and_other_lines_are_refused(
    catalog: Catalog,
) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})

    repeated = await catalog.client.reserve({tea: 4}, reservation_id=held.id)
    with pytest.raises(Exists) as refusal:
        await catalog.client.reserve({tea: 5}, reservation_id=held.id)

    assert (repeated.status, refusal.value.reason) == (pb.RESERVATION_STATUS_HELD, "KEY_REUSED")
    assert await catalog.available(tea) == 6


@pytest.mark.parametrize(
    ("quantity", "minutes", "reason"),
    [(0, 15, "INVALID_FIELD"), (1, -1, "INVALID_RESERVATION")],
    ids=["no quantity", "over already"],
)
async def test_a_reservation_that_makes_no_sense_is_refused(
    catalog: Catalog, quantity: int, minutes: float, reason: str
) -> None:
    tea = await catalog.sell(10, False)

    with pytest.raises(Invalid) as refusal:
        await catalog.client.reserve({tea: quantity}, minutes=minutes)

    assert refusal.value.reason == reason


async def test_stock_is_taken_once_however_often_it_is_confirmed(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})

    statuses = [(await catalog.client.confirm(held.id)).status for _ in range(2)]

    assert (statuses, await catalog.available(tea)) == ([pb.RESERVATION_STATUS_CONFIRMED] * 2, 6)


async def test_an_unknown_reservation_cannot_be_confirmed(catalog: Catalog) -> None:
    with pytest.raises(NotFound) as refusal:
        await catalog.client.confirm(str(uuid7()))

    assert refusal.value.reason == "RESERVATION_NOT_FOUND"


async def test_stock_is_given_back_once_however_often_it_is_released(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})

    statuses = [(await catalog.client.release(held.id)).status for _ in range(2)]
    with pytest.raises(Refused) as refusal:
        await catalog.client.confirm(held.id)

    assert (statuses, refusal.value.reason, await catalog.available(tea)) == (
        [pb.RESERVATION_STATUS_RELEASED] * 2,
        "RESERVATION_RELEASED",
        10,
    )


async def test_a_release_of_an_unknown_reservation_refuses_it_later(catalog: Catalog) -> None:
    tea, reservation_id = await catalog.sell(10, False), str(uuid7())

    tombstone = await catalog.client.release(reservation_id)
    with pytest.raises(Refused) as refusal:
        await catalog.client.reserve({tea: 1}, reservation_id=reservation_id)

    assert (tombstone.status, refusal.value.reason, await catalog.available(tea)) == (
        pb.RESERVATION_STATUS_RELEASED,
        "RESERVATION_RELEASED",
        10,
    )


async def test_confirmed_stock_goes_back_only_where_it_is_restocked(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})
    await catalog.client.confirm(held.id)

    kept = await catalog.client.release(held.id)
    restocked = [(await catalog.client.release(held.id, restock=True)).status for _ in range(2)]

    assert (kept.status, restocked, await catalog.available(tea)) == (
        pb.RESERVATION_STATUS_CONFIRMED,
        [pb.RESERVATION_STATUS_RELEASED] * 2,
        10,
    )


async def test_a_part_of_confirmed_stock_goes_back_once_and_the_rest_with_the_release(
    catalog: Catalog,
) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})
    early = await catalog.client.restock(held.id, {tea: 1})
    await catalog.client.confirm(held.id)
    restock_id = str(uuid7())

    parts = [await catalog.client.restock(held.id, {tea: 1}, restock_id) for _ in range(2)]
    after_parts = await catalog.available(tea)
    # More than is left of it is not put back.
    returned = await catalog.client.restock(
        held.id, {tea: 9}, warehouse="main", reason=pb.RESTOCK_REASON_RETURN
    )
    after_return = await catalog.available(tea)
    await catalog.client.release(held.id, restock=True)

    assert [line.quantity for line in early.lines] == [4]
    assert [[line.quantity for line in part.lines] for part in parts] == [[3], [3]]
    assert (after_parts, list(returned.lines)) == (7, [])
    assert (after_return, await catalog.available(tea)) == (10, 10)


async def test_a_restock_that_makes_no_sense_is_refused(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4})
    await catalog.client.confirm(held.id)

    with pytest.raises(NotFound):
        await catalog.client.restock(str(uuid7()), {tea: 1})
    with pytest.raises(Invalid) as refused:
        await catalog.client.restock(held.id, {}, warehouse="nowhere")
    await catalog.client.restock(held.id, {}, held.id, warehouse="main")

    assert refused.value.reason == "UNKNOWN_WAREHOUSE"
    assert await catalog.available(tea) == 6


async def test_a_reservation_expires_at_its_business_time(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    held = await catalog.client.reserve({tea: 4}, minutes=15)

    catalog.client.clock.shift_to(15 * 60 + 1)

    async def is_given_back() -> bool:
        return await catalog.available(tea) == 10

    await eventually(is_given_back)
    for refused in (
        catalog.client.confirm(held.id),
        catalog.client.reserve({tea: 4}, reservation_id=held.id, minutes=60),
    ):
        with pytest.raises(Refused) as refusal:
            await refused
        assert refusal.value.reason == "RESERVATION_EXPIRED"
    assert (await catalog.client.release(held.id)).status == pb.RESERVATION_STATUS_EXPIRED


async def test_held_reservations_are_listed_oldest_first(catalog: Catalog) -> None:
    tea = await catalog.sell(10, False)
    first, confirmed, second = [await catalog.client.reserve({tea: 1}) for _ in range(3)]
    await catalog.client.confirm(confirmed.id)

    async def listed(*, seconds: float = 60, limit: int = 10) -> list[str]:
        request = pb.ListHeldReservationsRequest(limit=limit)
        request.made_before.FromSeconds(int(catalog.client.clock.now().timestamp() + seconds))
        reply = await catalog.client.as_checkout(catalog.client.stock.ListHeldReservations, request)
        return [reservation.id for reservation in reply.reservations]

    assert await listed() == [first.id, second.id]
    assert await listed(limit=1) == [first.id]
    assert await listed(seconds=-60) == []
