"""Pages and cards that a process of an older release stored are rewritten, and no others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from catalog.listings.republish import keep_republished, republish_outdated
from chassis.data import isolation
from chassis.data.database import Database
from chassis.testing import events_of, eventually, running
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, forget_events
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1.events_pb2 import ProductChanged
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_IN_STOCK, AVAILABILITY_UNSPECIFIED

# The availability as text, in the fields that are reserved now: 6 of a variant, 8 of a card.
OLDER_OF_VARIANT, OLDER_OF_CARD = b"\x32\x08in_stock", b"\x42\x08in_stock"
# As the older release states it: without the layout.
OLDER_COLUMNS = (
    "product_id, channel, currency, category_id, price_minor, availability, facets, page_part, "
    "card_part"
)
OLDER_STORE = (
    f"INSERT INTO listing_offer ({OLDER_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (product_id, channel, currency) DO UPDATE SET category_id = "
    "excluded.category_id, price_minor = excluded.price_minor,"
    " availability = excluded.availability, facets = excluded.facets, page_part = "
    "excluded.page_part, card_part = excluded.card_part"
)


def older_page(part: bytes) -> bytes:
    page = pb.Product.FromString(part)
    for variant in page.variants:
        variant.ClearField("availability")
        variant.MergeFromString(OLDER_OF_VARIANT)
    return page.SerializeToString()


def older_card(part: bytes) -> bytes:
    card = pb.ProductCard.FromString(part)
    card.ClearField("availability")
    return card.SerializeToString() + OLDER_OF_CARD


async def store_as_an_older_release(
    database: Database, *product_ids: str, is_first: bool = True
) -> None:
    """Stores offer parts as a process of the older release does, over existing ones too."""
    ids = [[UUID(product_id) for product_id in product_ids]]
    async with database.tx() as tx:
        rows = await tx.fetch(
            f"SELECT {OLDER_COLUMNS} FROM listing_offer WHERE product_id = ANY(%s)", ids
        )
        if is_first:
            await tx.run("DELETE FROM listing_offer WHERE product_id = ANY(%s)", ids)
        for *fields, page_part, card_part in rows:
            await tx.run(OLDER_STORE, [*fields, older_page(page_part), older_card(card_part)])
    await forget_events(database)


async def stored(database: Database) -> list[tuple[Any, ...]]:
    async with database.read() as read:
        return await read.fetch(
            "SELECT * FROM listing_offer ORDER BY product_id, channel, currency"
        )


async def layouts(database: Database) -> set[int]:
    async with database.read() as read:
        return {layout for (layout,) in await read.fetch("SELECT layout FROM listing_offer")}


@pytest.fixture
async def tent(shop: Replica) -> pb.Product:
    imported = await shop.import_products(
        a_product(
            "Tent", category_slug="tents", variants=[a_variant(Size="S"), a_variant(Size="M")]
        )
    )
    return await shop.product(id=imported.product_ids[0])


async def test_a_page_of_the_older_release_is_rewritten_with_a_new_version_and_an_event(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    await store_as_an_older_release(database, tent.id)
    older = await shop.product(id=tent.id)

    rewritten = await republish_outdated(database)

    assert {variant.availability for variant in older.variants} == {AVAILABILITY_UNSPECIFIED}
    assert (rewritten, await layouts(database)) == (1, {1})
    for currency in ("EUR", "USD"):
        page = await shop.product(id=tent.id, currency=currency)
        assert [variant.availability for variant in page.variants] == [AVAILABILITY_IN_STOCK] * 2
        assert page.version == tent.version + 1
    [card] = (await shop.listing("tents")).products
    assert card.availability == AVAILABILITY_IN_STOCK
    assert await events_of(database, ProductChanged, tent.id) == [
        ProductChanged(
            product_id=tent.id, slug="tent", version=tent.version + 1, category_slugs=["tents"]
        )
    ]


async def test_nothing_of_the_older_release_stays_in_a_rewritten_page(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    await store_as_an_older_release(database, tent.id)

    await republish_outdated(database)

    assert not [
        row
        for row in await stored(database)
        if any(isinstance(part, bytes) and b"in_stock" in part for part in row)
    ]


async def test_what_is_up_to_date_is_not_touched(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    imported = await shop.import_products(a_product("Mat"))
    await store_as_an_older_release(database, *imported.product_ids)
    before = [row for row in await stored(database) if str(row[0]) == tent.id]

    rewritten = [await republish_outdated(database) for _ in range(2)]

    assert rewritten == [1, 0]
    assert [row for row in await stored(database) if str(row[0]) == tent.id] == before
    assert (await shop.product(id=tent.id)).version == tent.version
    assert [event.product_id for event in await events_of(database, ProductChanged)] == list(
        imported.product_ids
    )


async def test_a_change_by_this_release_leaves_nothing_to_rewrite(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    await store_as_an_older_release(database, tent.id)
    await shop.reserve({tent.variants[0].id: 10})

    assert (await republish_outdated(database), await layouts(database)) == (0, {1})


async def test_a_product_that_cannot_be_rewritten_leaves_all_others_to_be_rewritten(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    imported = await shop.import_products(*(a_product(f"Mat {number}") for number in range(5)))
    bad_id = imported.product_ids[2]
    await store_as_an_older_release(database, tent.id, *imported.product_ids)
    async with database.tx() as tx:
        await tx.run(
            "UPDATE product SET version = 9223372036854775807 WHERE id = %s", [UUID(bad_id)]
        )

    rewritten = await republish_outdated(database)

    assert rewritten == 5
    async with database.read() as read:
        outdated = await read.fetch(
            "SELECT DISTINCT product_id FROM listing_offer WHERE layout < 1"
        )
    assert outdated == [(UUID(bad_id),)]
    await isolation.flush(database)
    async with database.read() as read:
        assert [row.key for row in await isolation.skipped_rows(read, loop="republishing")] == [
            bad_id
        ]


async def test_what_an_older_process_stores_is_rewritten_while_this_release_works(
    shop: Replica, database: Database, tent: pb.Product
) -> None:
    await store_as_an_older_release(database, tent.id)

    async def is_rewritten() -> bool:
        return await layouts(database) == {1}

    async with running(lambda: keep_republished(database)):
        await eventually(is_rewritten)

    assert (await shop.product(id=tent.id)).version == tent.version + 1
