"""Whatever is sent to the catalogue, it answers or refuses; nothing is an internal error."""

import asyncio
import base64
import json
from collections.abc import Awaitable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Internal
from chassis.runtime.clock import uuid7
from services.catalog.tests.catalog_replica import Replica, a_price, a_product, a_variant
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.common.v1.money_pb2 import Money

ODD_TEXTS = [
    "", " ", "\t\n", "\x00", "a\x00b", "\x7f", "\u202e", "\ufffe", "'",
    "\"", "''''", "\\", "%", "_", ";--", "*", "?", "~", "^", "(", ")", "[",
    "+-&&||!",
    "AND", "OR NOT", "title:x", "a:b", "a=b", "=", "/", "../..", "🎒", "🎒🎒 tent", "é", "e\u0301",
    "ﬁ", "İ", "ß", "ａｂｃ", "١٢٣", "x" * 199,
    "x " * 99, "\U0010ffff", "-1", "1e999999999", "9" * 40, "0x10", "NaN", "null", "{}", "[]",
    "tent", "TENT-1",
]  # fmt: skip
TEXTS = st.sampled_from(ODD_TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
KNOWN_SORTS = [sort for sort in pb.ProductSort.values() if sort != pb.PRODUCT_SORT_RELEVANCE]
SORTS = st.sampled_from([*pb.ProductSort.values(), -1, 6, 2**31 - 1, -(2**31)])
NUMBERS = st.sampled_from(
    [0, 1, -1, 10**9, 10**9 + 1, 10**12, 10**12 + 1, 2**43, 2**62, 2**63 - 1, -(2**63)]
)
SMALL = st.sampled_from([0, 1, -1, 7, 2**31 - 1, -(2**31)])
POSITIONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
TOKENS = TEXTS | POSITIONS.map(
    lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
)
QUIET = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def answer(ask: Awaitable[Any]) -> Any:
    """Returns the answer or the refusal; asserts that the refusal is no internal error."""
    try:
        result = await ask
    except DomainError as refusal:
        result = refusal
    assert not isinstance(result, Internal), result
    return result


# Ranges of a filter beyond any number of the database.
RANGES = ("0-99999999999999999999999999", "99999999999999999999-1")


@QUIET
@given(
    query=TEXTS,
    sort=SORTS,
    token=TOKENS,
    size=SMALL,
    locale=TEXTS,
    currency=TEXTS | st.just("EUR"),
    name=TEXTS | st.just("price"),
    values=st.lists(TEXTS | st.sampled_from(RANGES), max_size=3),
    slug=TEXTS,
)
async def test_no_read_is_an_internal_error(
    shop: Replica,
    query: str,
    sort: pb.ProductSort.ValueType,
    token: str,
    size: int,
    locale: str,
    currency: str,
    name: str,
    values: list[str],
    slug: str,
) -> None:
    view, filters = (
        pb.View(locale=locale, currency=currency),
        [pb.FacetFilter(name=name, values=values)],
    )

    await answer(shop.search(query, sort=sort, size=size, token=token))
    await answer(shop.search(query, filters=filters, view=view))
    await answer(shop.listing(slug, sort=sort, token=token, size=size))
    for known in KNOWN_SORTS:
        await answer(shop.listing("", sort=known, token=token, filters=filters))
    await answer(shop.product(slug))
    await answer(shop.product(id=slug))
    await answer(shop.ask(shop.catalog.GetPage, pb.GetPageRequest(slug=slug, view=view)))
    await answer(
        shop.ask(shop.catalog.GetOffers, pb.GetOffersRequest(variant_ids=values, view=view))
    )


@QUIET
@given(
    texts=st.dictionaries(TEXTS | st.just("en"), TEXTS, max_size=3),
    text=TEXTS,
    number=NUMBERS,
    other=NUMBERS,
    small=SMALL,
    currency=TEXTS | st.just("EUR"),
    names=st.dictionaries(TEXTS, TEXTS, max_size=2),
    stock=st.dictionaries(TEXTS | st.just("main"), NUMBERS, max_size=2),
)
async def test_no_change_is_an_internal_error(
    shop: Replica,
    texts: dict[str, str],
    text: str,
    number: int,
    other: int,
    small: int,
    currency: str,
    names: dict[str, str],
    stock: dict[str, int],
) -> None:
    price = pb.PriceInput(
        price=Money(amount_minor=number, currency=currency),
        compare_at=Money(amount_minor=other, currency=currency),
    )
    variant = pb.VariantInput(
        sku=text,
        options=[pb.OptionValue(name=text, value=text)],
        prices=[price],
        initial_stock=stock,
        weight_grams=number,
        tax_class=text,
        barcode=text,
        unit_code=text,
        scale=small,
        increment=other,
    )
    odd = pb.ProductInput(
        external_id=text,
        title=texts,
        description=texts,
        brand=text,
        category_slug=text,
        images=[pb.Image(url=text, alt=text)],
        variants=[variant],
        attributes=names,
        published=True,
        slug=text,
        seo_title=text,
        seo_description=text,
        tags=[text],
    )
    await answer(shop.import_products(odd, source=text))
    # One odd field at a time beside good ones, so that each reaches its column.
    for fields in (
        {"external_id": text or "x"},
        {"title": texts},
        {"description": texts},
        {"brand": text},
        {"attributes": names},
        {"tags": [text]},
        {"variants": [a_variant(sku=text)]},
        {"variants": [pb.VariantInput(prices=[price])]},
        {"seo_title": text},
        {
            "variants": [
                pb.VariantInput(
                    prices=[a_price()],
                    weight_grams=number,
                    scale=small,
                    increment=other,
                    tax_class=text,
                    barcode=text,
                )
            ]
        },
        {"variants": [pb.VariantInput(prices=[a_price()], initial_stock=stock)]},
        {"category_slug": text},
    ):
        await answer(shop.import_products(a_product(**fields)))  # type: ignore[arg-type]
    await answer(
        shop.import_categories(
            pb.CategoryInput(slug=text, name=texts, parent_slug=text, position=small)
        )
    )
    await answer(
        shop.as_staff(
            shop.admin.PutPage, pb.PutPageRequest(slug="odd", channel=text, title=texts, body=texts)
        )
    )
    await answer(
        shop.as_staff(
            shop.admin.PutPage,
            pb.PutPageRequest(slug="odd", title={"en": "Odd"}, body=texts, product_slugs=[text]),
        )
    )
    await answer(shop.set_stock(text, number, warehouse=text))
    await answer(shop.reserve({text: number}))
    await answer(shop.reserve({str(uuid7()): number}))


@pytest.mark.parametrize(
    "query", ["!!!", "''", '"', "🎒", "🎒🎒", "+-&&||", "...", "*", "?", "~", "-", "()", "¿"]
)
async def test_a_query_of_signs_finds_nothing(shop: Replica, query: str) -> None:
    await shop.import_products(a_product("Tent"))
    await shop.found("tent")

    found = await shop.search(query)

    assert (found.total_count, len(found.products), len(found.facets)) == (0, 0, 0)


async def test_a_query_of_spaces_finds_everything_as_an_empty_one_does(shop: Replica) -> None:
    await shop.import_products(a_product("Tent"))
    await shop.found("tent")

    assert (await shop.search(" \t ")).total_count == 1


async def test_a_sku_of_signs_is_found(shop: Replica) -> None:
    await shop.import_products(a_product("Tent", variants=[a_variant(sku="+-+")]))

    assert [card.title for card in (await shop.found("+-+")).products] == ["Tent"]


async def test_a_facet_whose_name_has_a_colon_narrows(shop: Replica) -> None:
    await shop.import_products(a_product("Tent", attributes={"a:b": "c:d"}), a_product("Mat"))
    await shop.found("", count=2)

    by_facet = [pb.FacetFilter(name="a:b", values=["c:d"])]
    assert [card.title for card in (await shop.search("", filters=by_facet)).products] == ["Tent"]
    assert [card.title for card in (await shop.listing("", filters=by_facet)).products] == ["Tent"]


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("[" * 1_500, "INVALID_PAGE_TOKEN"),
        ("é", "INVALID_PAGE_TOKEN"),
        (base64.urlsafe_b64encode(b"[" * 1_400).decode(), "INVALID_PAGE_TOKEN"),
        ("x" * 5_000, "INVALID_FIELD"),
    ],
    ids=["brackets", "no base64", "nested", "too long"],
)
async def test_a_page_token_that_is_not_ours_is_refused(
    shop: Replica, token: str, reason: str
) -> None:
    refusal = await answer(shop.search("", token=token))

    assert refusal.reason == reason


async def test_six_first_puts_of_a_page_at_once_make_one_page(
    shop: Replica, database: Database
) -> None:
    puts = (
        shop.as_staff(
            shop.admin.PutPage,
            pb.PutPageRequest(slug="summer", title={"en": f"Summer {number % 2}"}),
        )
        for number in range(6)
    )

    pages = await asyncio.gather(*puts)

    assert {page.slug for page in pages} == {"summer"}
    async with database.read() as read:
        ((count, version),) = await read.fetch("SELECT count(*), max(version) FROM page")
    assert count == 1
    assert version == max(page.version for page in pages)


async def test_a_search_for_prices_holds_for_every_legal_price(shop: Replica) -> None:
    amounts = [0, 1, 10**12 - 1, 10**12]
    await shop.import_products(
        *(a_product(f"Tent {n}", variants=[pb.VariantInput(prices=[a_price(n)])]) for n in amounts)
    )
    await shop.found("tent", count=4)

    async def found(price: str) -> list[int]:
        results = await shop.search(
            "tent",
            filters=[pb.FacetFilter(name="price", values=[price])],
            sort=pb.PRODUCT_SORT_PRICE_ASCENDING,
        )
        return [card.price_from.amount_minor for card in results.products]

    assert await found("0-") == amounts
    assert await found("1000000000000-") == [10**12]
    assert await found("0-1000000000000") == amounts[:3]
    assert await found("99999999999999999999-") == []
    assert [
        card.price_from.amount_minor
        for card in (await shop.search("tent", sort=pb.PRODUCT_SORT_PRICE_DESCENDING)).products
    ] == amounts[::-1]
    assert [
        card.price_from.amount_minor
        for card in (await shop.listing("", sort=pb.PRODUCT_SORT_PRICE_DESCENDING)).products
    ] == amounts[::-1]
