"""Settings of search by staff: kept, told, and live in search and listings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.data.database import Database
from chassis.rpc.errors import DomainError, Invalid, NotFound, Stale
from chassis.testing import events_of, eventually
from services.catalog.tests.catalog_replica import (
    Replica,
    a_product,
    a_variant,
    forget_events,
    replica,
)
from sojourn.catalog.v1 import catalog_pb2 as pb
from sojourn.catalog.v1 import search_admin_pb2 as admin
from sojourn.catalog.v1 import search_pb2
from sojourn.catalog.v1.search_events_pb2 import SearchSettingChanged
from sojourn.common.v1.page_pb2 import Page


async def put_synonyms(shop: Replica, *phrases: str, version: int = 0, **fields: Any) -> Any:
    given = {"code": "coats", "locale": "en", "phrases": phrases, **fields}
    request = admin.PutSynonymSetRequest(
        synonym_set=admin.SynonymSet(**given), expected_version=version
    )
    return await shop.as_staff(shop.search_admin.PutSynonymSet, request)


async def put_rule(shop: Replica, **fields: Any) -> Any:
    rule = admin.MerchandisingRule(**{"code": "rule", "is_active": True, **fields})
    request = admin.PutMerchandisingRuleRequest(merchandising_rule=rule)
    return await shop.as_staff(shop.search_admin.PutMerchandisingRule, request)


async def put_text(shop: Replica, name: str, label: str, **values: str) -> Any:
    text = admin.AttributeText(name=name, locale="de", label=label, values=values)
    return await shop.as_staff(
        shop.search_admin.PutAttributeText, admin.PutAttributeTextRequest(attribute_text=text)
    )


async def titles_once(shop: Replica, expected: list[str], query: str, **fields: Any) -> None:
    found: list[str] = []

    async def is_shown() -> bool:
        found[:] = [card.title for card in (await shop.search(query, **fields)).products]
        return found == expected

    try:
        await eventually(is_shown, within=5)
    except (TimeoutError, AssertionError):
        assert found == expected


async def listed(shop: Replica, category: str = "", *, size: int = 2, **fields: Any) -> list[str]:
    """All titles of a listing, page by page."""
    titles: list[str] = []
    token = ""
    while True:
        page = await shop.listing(category, size=size, token=token, **fields)
        titles += [card.title for card in page.products]
        token = page.next_page_token
        if not token:
            return titles


async def listed_once(shop: Replica, expected: list[str], **fields: Any) -> None:
    found: list[str] = []

    async def is_listed() -> bool:
        found[:] = await listed(shop, **fields)
        return found == expected

    try:
        await eventually(is_listed, within=5)
    except (TimeoutError, AssertionError):
        assert found == expected


async def test_synonyms_are_kept_told_and_found_both_ways(
    shop: Replica, database: Database
) -> None:
    await shop.import_products(a_product("Rain Jacket"), a_product("Winter Coat"))
    await shop.found("jacket")
    await forget_events(database)

    made = await put_synonyms(shop, "jacket", "coat")

    await titles_once(shop, ["Rain Jacket", "Winter Coat"], "jackets")
    await titles_once(shop, ["Winter Coat", "Rain Jacket"], "coats")
    assert made.version == 1
    assert [
        (e.kind, e.code, e.version) for e in await events_of(database, SearchSettingChanged)
    ] == [("synonym_set", "coats", 1)]
    async with database.read() as read:
        audit = await read.fetch("SELECT action, subject FROM audit ORDER BY at DESC LIMIT 1")
    assert audit == [("put_synonym_set", "synonym_set:coats")]


async def test_one_way_synonyms_and_phrases_of_several_words(shop: Replica) -> None:
    await shop.import_products(a_product("Rain Jacket"), a_product("Winter Coat"))
    await shop.found("jacket")

    await put_synonyms(shop, "outer shell", meanings=["rain jacket"])

    await titles_once(shop, ["Rain Jacket"], "outer shell")
    assert [card.title for card in (await shop.search("rain jacket")).products] == ["Rain Jacket"]


async def test_a_change_on_a_version_that_is_not_seen_is_refused(shop: Replica) -> None:
    await put_synonyms(shop, "jacket", "coat")
    same = await put_synonyms(shop, "jacket", "coat", version=1)
    changed = await put_synonyms(shop, "jacket", "anorak", version=1)

    with pytest.raises(Stale):
        await put_synonyms(shop, "jacket", "parka", version=1)

    assert (same.version, changed.version) == (1, 2)
    delete = shop.search_admin.DeleteSynonymSet
    with pytest.raises(Stale):
        await shop.as_staff(delete, admin.DeleteSynonymSetRequest(code="coats", expected_version=1))
    await shop.as_staff(delete, admin.DeleteSynonymSetRequest(code="coats", expected_version=2))
    with pytest.raises(NotFound):
        await shop.as_staff(delete, admin.DeleteSynonymSetRequest(code="coats"))


async def test_settings_are_listed_page_by_page(shop: Replica) -> None:
    for code in ("b", "a", "c"):
        await put_synonyms(shop, "x", "y", code=code)

    async def page(token: str) -> Any:
        request = admin.ListSynonymSetsRequest(page=Page(size=2, token=token))
        return await shop.as_staff(shop.search_admin.ListSynonymSets, request)

    first = await page("")
    rest = await page(first.next_page_token)
    codes = [each.code for each in (*first.synonym_sets, *rest.synonym_sets)]
    assert (codes, rest.next_page_token) == (["a", "b", "c"], "")


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        (lambda shop: put_synonyms(shop, "jacket"), "INVALID_SYNONYMS"),
        (lambda shop: put_synonyms(shop, "a", "b", channel="moon"), "UNKNOWN_CHANNEL"),
        (lambda shop: put_synonyms(shop, "a", "b", locale="not a tag"), "INVALID_FIELD"),
        (lambda shop: put_rule(shop), "INVALID_RULE"),
        (lambda shop: put_rule(shop, pinned_product_ids=["x"]), "INVALID_ID"),
        (
            lambda shop: put_rule(
                shop, pinned_product_ids=["0190a6e2-0000-7000-8000-000000000001"]
            ),
            "INVALID_RULE",
        ),
        (
            lambda shop: put_rule(
                shop, category_slug="moon", hidden=[{"facet": "a", "value": "b"}]
            ),
            "INVALID_RULE",
        ),
        (lambda shop: put_rule(shop, hidden=[{"facet": "a"}]), "INVALID_RULE"),
        (lambda shop: put_text(shop, "Colour", ""), "INVALID_ATTRIBUTE_TEXT"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_refused(
    shop: Replica, put: Any, reason: str
) -> None:
    with pytest.raises((Invalid, DomainError)) as refusal:
        await put(shop)

    assert refusal.value.reason == reason


async def test_a_query_leads_to_a_place(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="tents", name={"en": "Tents"}))
    redirect = admin.SearchRedirect(
        code="tents", locale="en", queries=["tent", "zelt"], target="REDIRECT_TARGET_CATEGORY",
        value="tents",
    )  # fmt: skip
    await shop.as_staff(
        shop.search_admin.PutSearchRedirect,
        admin.PutSearchRedirectRequest(search_redirect=redirect),
    )

    async def leads() -> bool:
        destination = (await shop.search("The TENTS")).destination
        return (destination.kind, destination.value) == ("category", "tents")

    await eventually(leads, within=5)
    assert not (await shop.search("tent pegs")).HasField("destination")
    redirect.value = "moon"
    with pytest.raises(Invalid):
        await shop.as_staff(
            shop.search_admin.PutSearchRedirect,
            admin.PutSearchRedirectRequest(search_redirect=redirect),
        )


async def test_attributes_are_shown_and_found_in_the_shoppers_language(shop: Replica) -> None:
    imported = await shop.import_products(
        a_product(
            "Jacket",
            attributes={"material": "Wool"},
            variants=[a_variant(Colour="Charcoal"), a_variant(Colour="Rust")],
        ),
        a_product("Shirt", variants=[a_variant(Colour="Rust")]),
    )
    await shop.found("", count=2)

    await put_text(shop, "material", "Material", Wool="Wolle")
    await put_text(shop, "Colour", "Farbe", Charcoal="Anthrazit", Rust="Rost")

    german = pb.View(locale="de")
    await titles_once(shop, ["Jacket"], "anthrazit", view=german)
    results = await shop.search("", view=german)
    colour = next(facet for facet in results.facets if facet.name == "Colour")
    assert (colour.label, [(each.value, each.label) for each in colour.values]) == (
        "Farbe",
        [("Rust", "Rost"), ("Charcoal", "Anthrazit")],
    )
    page = await shop.product(id=imported.product_ids[0], locale="de")
    assert page.options[0].name == "Farbe"
    assert [*page.options[0].values] == ["Anthrazit", "Rost"]
    assert page.variants[0].options[0].value == "Anthrazit"
    assert dict(page.attributes) == {"Material": "Wolle"}
    english = await shop.product(id=imported.product_ids[0])
    assert (english.options[0].name, dict(english.attributes)) == ("Colour", {"material": "Wool"})
    chosen = [pb.FacetFilter(name="Colour", values=["Charcoal"])]
    assert (await shop.search("", view=german, filters=chosen)).total_count == 1


async def test_rules_pin_boost_bury_and_hide_in_search(shop: Replica) -> None:
    names = ["Jacket A", "Jacket B", "Jacket C", "Jacket D", "Hat"]
    brands = ["Sella", "Wren", "Orrin", "Cairn", "Bruna"]
    imported = await shop.import_products(
        *(a_product(name, brand=brand) for name, brand in zip(names, brands, strict=True))
    )
    await shop.found("jacket", count=4)

    await put_rule(
        shop,
        queries=["jackets"],
        pinned_product_ids=[imported.product_ids[4]],
        boosted=[{"facet": "brand", "value": "Wren"}],
        buried=[{"product_id": imported.product_ids[0]}],
        hidden=[{"facet": "brand", "value": "Orrin"}],
    )

    await titles_once(shop, ["Hat", "Jacket B", "Jacket D", "Jacket A"], "jacket")
    assert (await shop.search("jacket", sort=pb.PRODUCT_SORT_NEWEST)).total_count == 4
    assert (await shop.search("jacket d")).total_count >= 1


async def test_rules_order_a_listing_over_all_its_pages(shop: Replica) -> None:
    await shop.import_categories(pb.CategoryInput(slug="tops", name={"en": "Tops"}))
    names = [f"Top {n}" for n in range(8)]
    imported = await shop.import_products(
        *(
            a_product(name, category_slug="tops", brand="Sella" if n in (2, 5) else "Wren")
            for n, name in enumerate(names)
        )
    )
    await shop.found("", count=8)
    assert await listed(shop, "tops") == names[::-1]

    await put_rule(
        shop,
        category_slug="tops",
        pinned_product_ids=[imported.product_ids[0], imported.product_ids[3]],
        boosted=[{"facet": "brand", "value": "Sella"}],
        buried=[{"product_id": imported.product_ids[7]}],
        hidden=[{"product_id": imported.product_ids[4]}],
    )

    expected = ["Top 0", "Top 3", "Top 5", "Top 2", "Top 6", "Top 1", "Top 7"]
    await listed_once(shop, expected, category="tops")
    for size in (1, 3, 10):
        assert await listed(shop, "tops", size=size) == expected
    by_title = await listed(shop, "tops", sort=pb.PRODUCT_SORT_TITLE)
    assert by_title == [name for name in names if name != "Top 4"]
    assert (await shop.listing("tops")).total_count == 7
    assert await listed(shop, "") == names[::-1]


async def test_a_rule_applies_within_its_time(shop: Replica) -> None:
    imported = await shop.import_products(a_product("Jacket"), a_product("Parka"))
    await shop.found("", count=2)
    rule = admin.MerchandisingRule(
        code="later", is_active=True, queries=["jacket"],
        hidden=[{"product_id": imported.product_ids[0]}],
    )  # fmt: skip
    rule.starts_at.FromDatetime(shop.clock.now() + timedelta(days=1))
    await shop.as_staff(
        shop.search_admin.PutMerchandisingRule,
        admin.PutMerchandisingRuleRequest(merchandising_rule=rule),
    )
    await put_rule(shop, queries=["parka"], hidden=[{"product_id": imported.product_ids[1]}])

    await titles_once(shop, [], "parka")
    assert (await shop.search("jacket")).total_count == 1


async def test_weights_of_a_channel_change_the_order(shop: Replica) -> None:
    await shop.import_products(
        a_product("Wool Care", brand="Sella"), a_product("Jumper", attributes={"material": "Wool"})
    )
    await titles_once(shop, ["Wool Care", "Jumper"], "wool")
    read = admin.GetSearchWeightsRequest()
    assert (await shop.as_staff(shop.search_admin.GetSearchWeights, read)).version == 0

    weights = admin.SearchWeights(title=100, attributes=1000, sku=3200)
    await shop.as_staff(
        shop.search_admin.PutSearchWeights, admin.PutSearchWeightsRequest(weights=weights)
    )

    await titles_once(shop, ["Jumper", "Wool Care"], "wool")
    kept = await shop.as_staff(shop.search_admin.GetSearchWeights, read)
    assert (kept.channel, kept.version, kept.attributes) == ("default", 1, 1000)


async def test_a_setting_is_live_on_another_replica(shop: Replica, database: Database) -> None:
    await shop.import_products(a_product("Rain Jacket"))
    async with replica(database) as other:
        await other.found("jacket")

        await put_synonyms(shop, "jacket", "coat")

        await titles_once(other, ["Rain Jacket"], "coat")
        await titles_once(shop, ["Rain Jacket"], "coat")
        assert other.indexer.tuning.version == shop.indexer.tuning.version


async def test_a_misspelt_query_is_corrected(shop: Replica) -> None:
    await shop.import_products(a_product("Rain Jacket"), a_product("Rain Jacket Long"))
    await shop.found("jacket", count=2)

    assert (await shop.search("rain jakcet")).did_you_mean == "rain jacket"
    assert (await shop.search("rain jacket")).did_you_mean == ""


async def suggestions(shop: Replica, text: str, **view: str) -> Any:
    request = search_pb2.ListSearchSuggestionsRequest(query=text, view=pb.View(**view))
    return await shop.ask(shop.suggestions.ListSearchSuggestions, request)


async def test_products_categories_and_queries_are_suggested(shop: Replica) -> None:
    await shop.import_categories(
        pb.CategoryInput(slug="rain", name={"en": "Rainwear", "de": "Regenjacken"})
    )
    await shop.import_products(a_product("Rain Jacket", category_slug="rain"), a_product("Hat"))
    await shop.found("rain")
    for _ in range(3):
        await shop.search("rain jacket")
        await shop.search("jane@example.com")
    await shop.queries.flush()

    found = await suggestions(shop, "rai")

    assert [card.title for card in found.products] == ["Rain Jacket"]
    assert [(each.slug, each.name) for each in found.categories] == [("rain", "Rainwear")]
    assert [*found.queries] == ["rain jacket"]
    assert [each.slug for each in (await suggestions(shop, "jacken", locale="de")).categories] == [
        "rain"
    ]
    assert [*(await suggestions(shop, "")).queries] == ["rain jacket"]


async def test_queries_that_find_nothing_are_reported_without_personal_data(
    shop: Replica,
) -> None:
    for query in (
        "Flux  capacitor",
        "flux capacitor",
        "jane@example.com",
        "0176 5550199",
        "zeppelin",
    ):
        await shop.search(query)
    await shop.queries.flush()
    await shop.queries.flush()

    report = await shop.as_staff(
        shop.search_admin.ListEmptySearches, admin.ListEmptySearchesRequest()
    )

    assert [(each.query, each.locale, each.count) for each in report.searches] == [
        ("flux capacitor", "en", 2),
        ("zeppelin", "en", 1),
    ]
