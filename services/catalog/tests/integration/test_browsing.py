from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import UUID

import psycopg
import pytest

from catalog.channels.model import View
from catalog.listings import model as listings
from catalog.listings import offers
from catalog.listings.cards import Cards
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.rpc.errors import Invalid, NotFound
from chassis.runtime.clock import uuid7
from chassis.testing import eur, eventually
from services.catalog.tests.catalog_replica import Replica, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1.page_pb2 import Page


class Counting(Read):
    """Counts statements."""

    statements = 0

    async def fetch(self, query: Any, params: Any = None) -> list[tuple[Any, ...]]:
        self.statements += 1
        return await super().fetch(query, params)

    async def fetch_one(self, query: Any, params: Any = None) -> tuple[Any, ...] | None:
        self.statements += 1
        return await super().fetch_one(query, params)

    async def all(self, query: Any, /, **values: Any) -> list[Any]:
        self.statements += 1
        return await super().all(query, **values)

    async def one(self, query: Any, /, **values: Any) -> Any:
        self.statements += 1
        return await super().one(query, **values)

    async def get(self, row: Any, /, *key: Any) -> Any:
        self.statements += 1
        return await super().get(row, *key)


async def test_a_listing_is_two_statements_and_none_when_asked_again(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(*(a_product(f"Tent {n}", category_slug="tents") for n in range(30)))
    # The index shows them all: a refresh between the two listings would drop what was kept.
    await eventually(lambda: shop.indexer.index.size == 30)
    # A page of a category that this process does not know yet makes it look.
    await shop.product("tent-7")
    await shop.listing("tents")
    view = View("default", "en", "EUR")

    async with database.read() as read:
        counting = Counting(read.connected, database.clock)
        by_price = pb.ListProductsRequest(
            category_slug="tents",
            with_facets=True,
            sort=pb.PRODUCT_SORT_PRICE_ASCENDING,
            page=Page(size=20),
        )
        listed = await shop.browser.list_products(counting, view, by_price)
        at_first = counting.statements
        again = await shop.browser.list_products(counting, view, by_price)

    assert listed == again
    assert (at_first, counting.statements, len(listed.products)) == (2, 2, 20)


async def test_what_is_asked_at_once_is_read_at_once(
    shop: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.import_products(*(a_product(f"Tent {n}", category_slug="tents") for n in range(8)))
    variants = [(await shop.product(f"tent-{n}")).variants[0].id for n in range(8)]
    asked: list[int] = []
    for module, name in ((listings, "pages_of"), (offers, "offers_of")):
        read = getattr(module, name)

        async def counted(*args: Any, read: Any = read, name: str = name) -> Any:
            asked.append(len(args[3 if name == "offers_of" else 2]))
            return await read(*args)

        monkeypatch.setattr(module, name, counted)

    def ask(method: Any, *requests: Any) -> Any:
        return asyncio.gather(
            *(shop.ask(method, request, together=True) for request in requests),
            return_exceptions=True,
        )

    slugs = [*(f"tent-{n}" for n in range(8)), "nothing"]
    pages = await ask(shop.catalog.GetProduct, *(pb.GetProductRequest(slug=slug) for slug in slugs))
    offered = await ask(
        shop.catalog.GetOffers,
        *(pb.GetOffersRequest(variant_ids=[variants[n], variants[7]]) for n in range(7)),
    )

    assert [page.title for page in pages[:8]] == [f"Tent {n}" for n in range(8)]
    assert isinstance(pages[8], NotFound)
    assert [[offer.variant_id for offer in each.offers] for each in offered] == [
        [variants[n], variants[7]] for n in range(7)
    ]
    # Of each kind two calls go by themselves at most, and the others together.
    assert len(asked) <= 6


@pytest.mark.parametrize(
    "sort", ["UNSPECIFIED", "NEWEST", "TITLE", "PRICE_ASCENDING", "PRICE_DESCENDING"]
)
async def test_pages_of_a_listing_join_without_gap_or_double(shop: Replica, sort: str) -> None:
    rng = random.Random(7)
    products = [
        a_product(
            f"Thing {n % 5}",
            category_slug=rng.choice(["tents", "mats", ""]),
            variants=[a_variant(price=rng.choice([10_00, 20_00, 30_00]))],
        )
        for n in range(25)
    ]
    imported = await shop.import_products(*products)

    seen: list[pb.ProductCard] = []
    token = ""
    while True:
        page = await shop.listing("", size=7, token=token, sort=f"PRODUCT_SORT_{sort}")
        seen.extend(page.products)
        token = page.next_page_token
        if not token:
            break

    assert sorted(card.id for card in seen) == sorted(imported.product_ids)
    prices = [card.price_from.amount_minor for card in seen]
    match sort:
        case "PRICE_ASCENDING":
            assert prices == sorted(prices)
        case "PRICE_DESCENDING":
            assert prices == sorted(prices, reverse=True)
        case "TITLE":
            assert [card.title for card in seen] == sorted(card.title for card in seen)
        case _:
            assert [card.id for card in seen] == sorted(imported.product_ids, reverse=True)


async def test_what_is_inserted_meanwhile_moves_no_later_page(shop: Replica) -> None:
    first = await shop.import_products(*(a_product(f"Old {n}") for n in range(10)))

    page = await shop.listing("", size=5)
    await shop.import_products(*(a_product(f"New {n}") for n in range(10)))
    rest = await shop.listing("", size=5, token=page.next_page_token)

    newest_first = sorted(first.product_ids, reverse=True)
    assert [card.id for card in [*page.products, *rest.products]] == newest_first


async def test_a_listing_holds_what_is_below_its_category(shop: Replica) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="camping", name={"en": "Camping"}),
        pb.CategoryInput(slug="tents", name={"en": "Tents", "de": "Zelte"}, parent_slug="camping"),
        pb.CategoryInput(slug="mats", name={"en": "Mats"}, parent_slug="camping", position=1),
    )
    await shop.import_products(
        a_product("Tent", category_slug="tents"),
        a_product("Mat", category_slug="mats"),
        a_product("Shoe", category_slug="shoes"),
    )

    async def counted() -> pb.ListProductsResponse | None:
        page = await shop.listing("camping", view=pb.View(locale="de"), with_facets=True)
        return page if page.total_count == 2 else None

    page = await eventually(counted)
    assert page is not None
    assert {card.title for card in page.products} == {"Tent", "Mat"}
    assert [(child.slug, child.name, child.product_count) for child in page.children] == [
        ("tents", "Zelte", 1),
        ("mats", "Mats", 1),
    ]
    assert (
        page.category.slug,
        page.category.product_count,
        [crumb.slug for crumb in page.breadcrumbs],
    ) == ("camping", 2, ["camping"])
    facets = {
        facet.name: {value.value: value.count for value in facet.values} for facet in page.facets
    }
    assert facets["category"] == {"camping": 2, "tents": 1, "mats": 1}
    assert facets["price"] == {"5000-10000": 2}


async def test_filters_narrow_a_listing_and_its_total(shop: Replica) -> None:
    await shop.import_products(
        a_product(
            "A",
            brand="Sella",
            variants=[a_variant(price=20_00, Size="S")],
            attributes={"material": "Wool"},
        ),
        a_product(
            "B",
            brand="Sella",
            variants=[a_variant(price=90_00, Size="M")],
            attributes={"material": "Nylon"},
        ),
        a_product(
            "C",
            brand="Wren",
            variants=[a_variant(price=20_00, Size="M")],
            attributes={"material": "Wool"},
            category_slug="tops",
        ),
    )
    await shop.found("", count=3)

    async def titles(**filters: list[str]) -> tuple[list[str], int]:
        chosen = [pb.FacetFilter(name=name, values=values) for name, values in filters.items()]
        page = await shop.listing("", sort=pb.PRODUCT_SORT_TITLE, filters=chosen)
        search = await shop.search("", filters=chosen)
        assert page.total_count == search.total_count
        return [card.title for card in page.products], page.total_count

    assert await titles(brand=["Sella"]) == (["A", "B"], 2)
    assert await titles(brand=["Sella", "Wren"], material=["Wool"]) == (["A", "C"], 2)
    assert await titles(price=["0-5000"], Size=["M"]) == (["C"], 1)
    assert await titles(price=["2000-2001", "9000-"]) == (["A", "B", "C"], 3)
    assert await titles(category=["tops"]) == (["C"], 1)
    assert await titles(availability=["out_of_stock"]) == ([], 0)


async def test_search_tolerates_typos_and_counts_facets(shop: Replica) -> None:
    await shop.import_products(
        a_product("Rain Jacket", brand="Sella", variants=[a_variant(price=120_00)]),
        a_product("Wind Jacket", brand="Wren"),
        a_product("Wool Sock", brand="Wren"),
    )

    results = await shop.found("jakcet", count=2)

    assert {card.title for card in results.products} == {"Rain Jacket", "Wind Jacket"}
    brands = next(facet for facet in results.facets if facet.name == "brand")
    assert [(value.value, value.count) for value in brands.values] == [("Sella", 1), ("Wren", 1)]
    narrowed = await shop.search("jacket", filters=[pb.FacetFilter(name="brand", values=["Sella"])])
    brands = next(facet for facet in narrowed.facets if facet.name == "brand")
    assert (narrowed.total_count, len(brands.values)) == (1, 2)
    assert narrowed.products[0].price_from == eur(120_00)


async def test_search_reads_a_card_once_and_anew_after_a_change(
    shop: Replica, database: Database
) -> None:
    lamp = a_product("Lamp", external_id="lamp")
    await shop.import_products(lamp)
    await shop.found("lamp", count=1)
    view = View("default", "en", "EUR")

    async with database.read() as read:
        counting = Counting(read.connected, database.clock)
        found = await shop.browser.search_products(
            counting, view, pb.SearchProductsRequest(query="lamp")
        )
    assert (found.products[0].title, counting.statements) == ("Lamp", 0)

    lamp.title["en"] = "Bright lamp"
    await shop.import_products(lamp)

    async def is_shown_anew() -> bool:
        return [card.title for card in (await shop.search("lamp")).products] == ["Bright lamp"]

    await eventually(is_shown_anew)


async def test_a_card_that_changes_while_it_is_read_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cards, view, lamp, lantern = Cards(most=1), View("default", "en", "EUR"), uuid7(), uuid7()
    reads: list[list[UUID]] = []

    async def cards_of(read: Any, view: View, product_ids: list[UUID]) -> dict[UUID, bytes]:
        reads.append(product_ids)
        if len(reads) == 1:
            cards.forget([lamp])
        return {id: str(len(reads)).encode() for id in product_ids}

    monkeypatch.setattr("catalog.listings.model.cards_of", cards_of)
    read: Any = None

    assert await cards.load(read, view, [lamp]) == {lamp: b"1"}
    assert await cards.load(read, view, [lamp]) == {lamp: b"2"}
    assert await cards.load(read, view, [lamp]) == {lamp: b"2"}
    # Another view of it, and another product, for which there is no room beside it.
    assert await cards.load(read, View("default", "de", "EUR"), [lamp]) == {lamp: b"3"}
    assert await cards.load(read, view, [lamp, lantern]) == {lamp: b"2", lantern: b"4"}
    assert await cards.load(read, view, [lamp]) == {lamp: b"5"}
    assert reads == [[lamp], [lamp], [lamp], [lantern], [lamp]]


async def test_search_pages_by_an_opaque_token(shop: Replica) -> None:
    made = [(await shop.import_products(a_product(f"Lamp {n}"))).product_ids[0] for n in range(10)]
    await shop.found("lamp", count=10)

    first = await shop.search("lamp", size=6, sort=pb.PRODUCT_SORT_NEWEST)
    second = await shop.search(
        "lamp", size=6, sort=pb.PRODUCT_SORT_NEWEST, token=first.next_page_token
    )

    assert [card.id for card in [*first.products, *second.products]] == made[::-1]
    assert (second.next_page_token, len(second.facets)) == ("", 0)


@pytest.mark.parametrize("token", ["x", "WzAsMV0", "WyJhIl0", "WzEwMDBd", "Wy0xXQ"])
async def test_a_foreign_page_token_is_refused(shop: Replica, token: str) -> None:
    with pytest.raises(Invalid) as refusal:
        await shop.search("", token=token)

    assert refusal.value.reason == "INVALID_PAGE_TOKEN"


async def test_a_token_of_another_sort_is_refused(shop: Replica) -> None:
    await shop.import_products(a_product("A"), a_product("B"))
    page = await shop.listing("", size=1, sort=pb.PRODUCT_SORT_PRICE_ASCENDING)

    with pytest.raises(Invalid) as refusal:
        await shop.listing("", size=1, sort=pb.PRODUCT_SORT_TITLE, token=page.next_page_token)

    assert refusal.value.reason == "INVALID_PAGE_TOKEN"


async def test_the_index_misses_nothing_that_commits_late(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(a_product("Early"))
    await shop.found("early")

    async with await psycopg.AsyncConnection.connect(database.pool.conninfo) as late:
        await late.execute("UPDATE product SET title = jsonb_set(title, '{en}', '\"Tardy\"')")
        await late.execute("UPDATE product_change SET xid = pg_current_xact_id()")
        # Others commit, and the index looks, while this transaction is still open.
        await asyncio.gather(*(shop.import_products(a_product(f"Meanwhile {n}")) for n in range(3)))
        await shop.found("meanwhile", count=3)

    await shop.found("tardy")


async def test_a_renamed_category_is_found_by_its_new_name(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="tents", name={"en": "Tents"}))
    await shop.import_products(a_product("Nordisk", category_slug="tents"))
    await shop.found("tents")

    await shop.import_categories(pb.CategoryInput(slug="tents", name={"en": "Shelters"}))

    await shop.found("shelters")
    assert (await shop.product("nordisk")).breadcrumbs[0].name == "Shelters"
