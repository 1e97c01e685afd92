"""One bad row ends nothing: the catalogue starts, and all other products are found."""

from functools import partial
from uuid import UUID

import pytest

from catalog.directory import Directory
from catalog.search.indexer import Indexer
from catalog.synthetic_product import prepare
from chassis.data import isolation
from chassis.data.database import Database
from chassis.rpc.errors import Invalid, Unavailable
from chassis.testing import eventually, running, sample_value
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant, replica
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1.line_item_pb2 import AVAILABILITY_OUT_OF_STOCK

TOO_MUCH = 8_796_093_022_208


def skipped_total(loop: str) -> float:
    return sample_value("rows_skipped_total", loop=loop)


async def listed(database: Database, loop: str) -> set[str]:
    await isolation.flush(database)
    async with database.read() as read:
        return {row.key for row in await isolation.skipped_rows(read, loop=loop, limit=200)}


async def force(database: Database, statement: str, *params: object) -> None:
    """Writes a row past the service, and tells the search indexes of all products."""
    async with database.tx() as tx:
        assert await tx.run(statement, list(params)) > 0  # type: ignore[arg-type]
        await tx.run("UPDATE product_change SET xid = pg_current_xact_id()")


async def test_a_price_beyond_the_bound_is_refused_with_its_line_and_path(shop: Replica) -> None:
    with pytest.raises(Invalid) as refusal:
        await shop.import_products(a_product(), a_product(variants=[a_variant(price=TOO_MUCH)]))

    assert refusal.value.reason == "AMOUNT_TOO_LARGE"
    assert refusal.value.metadata["line"] == "2"
    assert refusal.value.metadata["path"] == "products[1].variants[0].prices[0].price"
    assert refusal.value.metadata["most_minor"] == str(10**12)


async def test_a_price_forced_beyond_the_bound_leaves_the_catalogue_running_and_startable(
    shop: Replica, database: Database
) -> None:
    imported = await shop.import_products(a_product("Bad Tent"), a_product("Good Tent"))
    await shop.found("tent", count=2)
    before = skipped_total("search_index")

    await force(
        database,
        "UPDATE listing_offer SET price_minor = %s WHERE product_id = %s",
        TOO_MUCH,
        UUID(imported.product_ids[0]),
    )

    # The replica that runs leaves it out, and so does one that starts.
    assert [card.title for card in (await shop.found("tent")).products] == ["Good Tent"]
    async with replica(database) as fresh:
        assert [card.title for card in (await fresh.found("tent")).products] == ["Good Tent"]
    assert skipped_total("search_index") >= before + 2
    assert await listed(database, "search_index") >= {imported.product_ids[0]}


async def test_a_product_that_is_well_again_is_found_again(database: Database) -> None:
    indexer = Indexer(database, Directory(), poll_seconds=0.02, retry_seconds=0.02)
    async with replica(database) as shop:
        imported = await shop.import_products(a_product("Tent"))
    product_id = UUID(imported.product_ids[0])
    await force(
        database,
        "UPDATE listing_offer SET price_minor = %s WHERE product_id = %s",
        TOO_MUCH,
        product_id,
    )

    async with running(indexer.run):
        await eventually(lambda: indexer.is_built and indexer.index.size == 0)
        async with database.tx() as tx:
            # Nobody tells the index: it looks at what it left out by itself.
            await tx.run(
                "UPDATE listing_offer SET price_minor = 1 WHERE product_id = %s", [product_id]
            )
        await eventually(lambda: indexer.index.size == 1)


# Odd values of each column that the index, the tree and the channels are read from.
BAD_ROWS = {
    "product": {
        "title": ["'[]'", "'7'", "'null'", "'{\"en\": 7}'", "'{}'", "jsonb_build_object('en', "
                                                                    "repeat('9', 5000)::numeric)"],
        "description": ["'[]'", "'\"text\"'", "'{\"en\": {}}'"],
        "tags": ["'7'", "'{}'", "'[7]'", "'null'"],
        "brand": ["''", "repeat('x', 1000000)", "E'\\x01'"],
        "slug": ["''", "'Not A Slug'", "repeat('x', 2000)"],
        "images": ["'7'", "'{}'", "'[7]'"],
        "options": ["'7'", "'[[7]]'"],
        "attributes": ["'[]'", "'7'", "'{\"a=b\": 7}'"],
        "version": ["9223372036854775807", "-1"],
        "updated_at": ["'infinity'", "'20000-01-01'"],
        "created_at": ["'-infinity'"],
        "content_digest": ["''"],
    },
    "variant": {
        "options": ["'7'", "'{}'", "'[7]'"],
        "weight_grams": ["9223372036854775807"],
        "position": ["-2147483648"],
        "increment": ["9223372036854775807"],
        "unit_code": ["''"],
        "sku": ["repeat('x', 2000)", "''"],
    },
    "listing_offer": {
        "price_minor": ["9223372036854775807", "-9223372036854775808", "-1", str(TOO_MUCH),
        str(10**12 + 1)],
        "facets": ["ARRAY[NULL]::text[]", "ARRAY['']", "ARRAY['=']", "ARRAY[repeat('x', 100000)]"],
        "channel": ["''", "'moon'"],
        "currency": ["''", "'EURO'"],
        "page_part": ["'\\xff'", "''"],
        "card_part": ["'\\xff'", "''"],
        "category_id": ["gen_random_uuid()"],
    },
    "listing_text": {"title": ["''"], "title_key": ["repeat('x', 2000)"], "page_part": ["'\\xff'"],
    "card_part": ["'\\xff'"]},
    "listing": {"channel": ["'moon'"], "listed_at": ["'infinity'", "'4713-01-01 BC'"]},
    "price": {"amount_minor": ["9223372036854775806"], "currency": ["'EURO'"],
    "price_list": ["'moon'"]},
    "stock_level": {"on_hand": ["9223372036854775807"], "warehouse": ["'moon'"]},
}  # fmt: skip
CASES = [
    (table, column, value)
    for table, columns in BAD_ROWS.items()
    for column, values in columns.items()
    for value in values
]


@pytest.mark.parametrize(("table", "column", "value"), CASES)
async def test_a_bad_row_of_a_product_leaves_all_others_to_be_found_and_bought(
    shop: Replica, database: Database, table: str, column: str, value: str
) -> None:
    imported = await shop.import_products(
        a_product("Bad Tent", category_slug="tents"), a_product("Good Tent", category_slug="tents")
    )
    good = (await shop.product(id=imported.product_ids[1])).variants[0].id
    bad_id = UUID(imported.product_ids[0])
    key = (
        "id"
        if table == "product"
        else "variant_id"
        if table in ("price", "stock_level")
        else "product_id"
    )
    which = (
        "(SELECT id FROM variant WHERE product_id = %s LIMIT 1)" if key == "variant_id" else "%s"
    )
    once = f" AND ctid = (SELECT min(ctid) FROM {table} WHERE {key} = {which})"
    await force(
        database,
        f"UPDATE {table} SET {column} = {value} WHERE {key} = {which}{once}",
        bad_id,
        bad_id,
    )

    async with replica(database) as fresh:
        for each in (shop, fresh):
            await eventually(partial(_finds, each, "Good Tent"))
            assert "Good Tent" in [card.title for card in (await each.listing("tents")).products]
            assert "Good Tent" in [
                card.title
                for card in (await each.listing("", sort=pb.PRODUCT_SORT_PRICE_ASCENDING)).products
            ]
            variant_ids = [good, *(str(id) for (id,) in await _variants_of(database, bad_id))]
            offers = await each.ask(
                each.catalog.GetOffers, pb.GetOffersRequest(variant_ids=variant_ids)
            )
            assert good in [offer.variant_id for offer in offers.offers]
        await fresh.reserve({good: 10})
        assert (await fresh.product(id=imported.product_ids[1])).variants[
            0
        ].availability == AVAILABILITY_OUT_OF_STOCK


async def _finds(shop: Replica, title: str) -> bool:
    return title in [card.title for card in (await shop.search(title)).products]


async def _variants_of(database: Database, product_id: UUID) -> list[tuple[UUID]]:
    async with database.read() as read:
        return await read.fetch("SELECT id FROM variant WHERE product_id = %s", [product_id])  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "'[]'"), ("name", "'7'"), ("name", "'{\"en\": 7}'"), ("name", "'null'"),
        ("parent_id", "id"), ("parent_id", "NULL"),
        ("slug", "''"), ("path", "''"), ("position", "-2147483648"), ("version",
        "9223372036854775807"),
    ],
)  # fmt: skip
async def test_a_bad_category_leaves_the_others_browsable(
    shop: Replica, database: Database, column: str, value: str
) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="bad", name={"en": "Bad"}),
        pb.CategoryInput(slug="below", name={"en": "Below"}, parent_slug="bad"),
        pb.CategoryInput(slug="good", name={"en": "Good"}),
    )
    await shop.import_products(
        a_product("Tent", category_slug="good"), a_product("Mat", category_slug="below")
    )
    await force(database, f"UPDATE category SET {column} = {value} WHERE slug = 'bad'")
    async with database.tx() as tx:
        await tx.run("UPDATE category_tree SET version = version + 1")

    async with replica(database) as fresh:
        await eventually(partial(_finds, fresh, "Tent"))
        assert [card.title for card in (await fresh.listing("good")).products] == ["Tent"]
        categories = await fresh.ask(fresh.catalog.ListCategories, pb.ListCategoriesRequest())
        assert "good" in [category.slug for category in categories.categories]
        assert (await fresh.product("mat")).title == "Mat"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("locales", "'[7]'"), ("locales", "'[\"\"]'"), ("locales", "'[\"en\", \"EN\"]'"),
        ("locales", "'[null]'"),
        ("currencies", "'[\"EURO\"]'"), ("currencies", "'[\"EUR\", \"EUR\"]'"), ("currencies",
        "'[{}]'"), ("warehouses", "'[7]'"),
        ("price_list", "'default'"), ("version", "9223372036854775807"), ("name", "''"),
    ],
)  # fmt: skip
async def test_a_bad_channel_leaves_the_others_open(
    database: Database, column: str, value: str
) -> None:
    async with database.tx() as tx:
        await tx.run(
            "INSERT INTO channel SELECT 'bad', name, FALSE, locales, currencies, countries, "
            "tax_display, warehouses, hosts, price_list, 1"
            " FROM channel WHERE code = 'default'"
        )
        await tx.run(f"UPDATE channel SET {column} = {value} WHERE code = 'bad'")  # type: ignore[arg-type]

    async with replica(database) as shop:
        await shop.import_products(a_product("Tent"))
        assert [card.title for card in (await shop.found("tent", count=1)).products] == ["Tent"]


async def test_a_default_channel_that_cannot_be_read_is_a_clear_503_and_no_other_channel_s_prices(
    database: Database,
) -> None:
    async with database.tx() as tx:
        await tx.run("UPDATE channel SET locales = '[7]'")

    async with replica(database) as shop:
        with pytest.raises(Unavailable):
            await shop.search("tent")

    assert "default" in await listed(database, "channels")


@pytest.mark.parametrize("column", ["title", "images"])
async def test_a_synthetic_product_that_cannot_be_read_hides_no_other(
    shop: Replica, database: Database, column: str
) -> None:
    probes = [
        a_product(name, published=False, synthetic=True, images=[pb.Image(url="/a.svg")])
        for name in ("Bad", "Good")
    ]
    bad_id, _ = (await shop.import_products(*probes)).product_ids
    await force(database, f"UPDATE product SET {column} = '[7]' WHERE id = %s", UUID(bad_id))

    cart = shop.tokens.service("cart", "offers.synthetic")
    offers = (
        await shop.ask(
            shop.catalog.GetOffers, pb.GetOffersRequest(synthetic=True), authorization=cart
        )
    ).offers

    assert [offer.title for offer in offers] == ["Good"]


async def test_a_product_for_synthetic_shoppers_that_cannot_be_made_keeps_no_service_from_starting(
    database: Database,
) -> None:
    async with database.tx() as tx:
        await tx.run("UPDATE warehouse SET is_default = FALSE")

    await prepare(database, Directory())

    async with database.read() as read:
        assert await read.fetch("SELECT count(*) FROM product") == [(0,)]
    async with replica(database) as shop:
        assert list((await shop.search("tent")).products) == []


async def test_a_reservation_that_cannot_be_read_hides_no_other(
    shop: Replica, database: Database
) -> None:
    variant_id = await shop.variant(stock=10)
    bad, good = await shop.reserve({variant_id: 1}), await shop.reserve({variant_id: 1})
    await force(
        database, "UPDATE reservation SET expires_at = '20000-01-01' WHERE id = %s", UUID(bad.id)
    )

    held = await shop.as_checkout(shop.stock.ListHeldReservations, pb.ListHeldReservationsRequest())

    assert [reservation.id for reservation in held.reservations] == [good.id]
    assert bad.id in await listed(database, "reservations")
