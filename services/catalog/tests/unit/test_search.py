from __future__ import annotations

from itertools import count

import pytest

from catalog.browsing.derived import Derived
from catalog.categories.model import CategoryTree
from catalog.channels.model import Channel, Channels, TaxDisplay, View
from catalog.errors import InvalidFilter
from catalog.listings.facets import Filters, PriceRange, filters_of
from catalog.reservations.actions import CatalogContext
from catalog.search.index import Findable, SearchIndex, SearchSort
from chassis.runtime.clock import uuid7

EN, DE = View("default", "en", "EUR"), View("default", "de", "EUR")


def channels() -> Channels:
    return Channels(
        [
            Channel(
                code="default",
                name="Default",
                is_default=True,
                locales=["en", "de"],
                currencies=["EUR"],
                countries=[],
                tax_display=TaxDisplay.GROSS,
                warehouses=["main"],
                hosts=[],
                price_list="default",
            )
        ]
    )


def a_find(
    title: str,
    *,
    de: str = "",
    body: str = "",
    price: int = 50_00,
    category: str = "jackets",
    **facets: str,
) -> Findable:
    texts = {"en": title, "de": de or title}
    return Findable(
        product_id=uuid7(),
        channel="default",
        category_slug=category,
        availability="in_stock",
        facets=[f"{name}={value}" for name, value in facets.items()],
        prices={"EUR": price},
        titles=texts,
        bodies=dict.fromkeys(texts, body),
        attributes=dict.fromkeys(texts, " ".join(facets.values())),
        codes=[f"SKU-{title[:3].upper()}-{price}"],
    )


def an_index(*found: Findable) -> SearchIndex:
    index = SearchIndex(channels())
    index.put([], found)
    index.commit()
    return index


def titles(
    index: SearchIndex,
    text: str,
    *found: Findable,
    view: View = EN,
    sort: SearchSort = SearchSort.RELEVANCE,
) -> list[str]:
    by_id = {each.product_id: each.titles["en"] for each in found}
    return [
        by_id[each]
        for each in index.query(view, text, [], Filters())
        .results(sort, offset=0, size=24)
        .product_ids
    ]


JACKET = a_find(
    "Rain Jacket",
    de="Regenjacke",
    body="keeps you dry",
    price=90_00,
    brand="Sella",
    material="Nylon",
)
SHOES = a_find(
    "Running Shoes",
    de="Laufschuhe für Läufer",
    price=120_00,
    category="shoes",
    brand="Wren",
    material="Mesh",
)
SHIRT = a_find(
    "Merino Shirt", de="Merinohemd", price=40_00, category="tops", brand="Sella", material="Wool"
)
SKIRT = a_find(
    "Trail Skirt", de="Rock", price=30_00, category="tops", brand="Wren", material="Nylon"
)
ALL = (JACKET, SHOES, SHIRT, SKIRT)


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return an_index(*ALL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jacket", ["Rain Jacket"]),
        ("jackets", ["Rain Jacket"]),
        ("run shoe", ["Running Shoes"]),
        ("jakcet", ["Rain Jacket"]),
        ("runing shoess", ["Running Shoes"]),
        ("jack", ["Rain Jacket"]),
        ("shirt", ["Merino Shirt"]),
        ("dry", ["Rain Jacket"]),
        ("sku-mer-4000", ["Merino Shirt"]),
        ("jacket xylophone", ["Rain Jacket"]),
        ("xylophone", []),
        ('AND OR NOT ("[*', []),
    ],
)
def test_words_are_found_as_people_type_them(
    index: SearchIndex, text: str, expected: list[str]
) -> None:
    assert titles(index, text, *ALL) == expected


@pytest.mark.parametrize("text", ["Läufer", "laeufer laufer", "LÄUFERN"])
def test_german_words_are_found_by_their_stem(index: SearchIndex, text: str) -> None:
    assert titles(index, text, *ALL, view=DE) == ["Running Shoes"]


def test_everything_sorts_by_price(index: SearchIndex) -> None:
    upwards = titles(index, "", *ALL, sort=SearchSort.PRICE_ASCENDING)

    assert upwards == ["Trail Skirt", "Merino Shirt", "Rain Jacket", "Running Shoes"]
    assert titles(index, "", *ALL, sort=SearchSort.PRICE_DESCENDING) == upwards[::-1]


def test_a_facets_own_filter_does_not_reduce_its_counts(index: SearchIndex) -> None:
    filters = filters_of([("brand", ["Sella"])])

    counts = index.query(EN, "", [], filters).counts().by_name

    assert counts["brand"] == {"Sella": 2, "Wren": 2}
    assert counts["material"] == {"Nylon": 1, "Wool": 1}
    assert counts["category"] == {"jackets": 1, "tops": 1}


def test_filters_of_several_facets_narrow_each_other(index: SearchIndex) -> None:
    filters = filters_of(
        [("brand", ["Sella", "Wren"]), ("material", ["Nylon"]), ("price", ["0-5000"])]
    )

    found = index.query(EN, "", [], filters)

    assert (found.total, found.counts().by_name["price"]) == (1, {"2500-5000": 1, "5000-10000": 1})
    assert found.counts().by_name["material"] == {"Nylon": 1, "Wool": 1}


def test_a_product_that_changed_is_found_anew_and_one_that_left_no_more() -> None:
    before, gone = a_find("Old Name"), a_find("Other Thing")
    index = an_index(before, gone)

    index.put(
        [before.product_id, gone.product_id],
        [Findable(**{**_fields(before), "titles": {"en": "New Name", "de": ""}})],
    )
    index.commit()

    assert index.query(EN, "new", [], Filters()).total == 1
    assert index.query(EN, "other", [], Filters()).total == 0
    assert index.size == 1


def _fields(found: Findable) -> dict[str, object]:
    return {name: getattr(found, name) for name in Findable.__dataclass_fields__}


@pytest.mark.parametrize("value", ["5", "a-b", "-5-10", "5-1x", "１-２", "-"])
def test_a_price_range_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(InvalidFilter):
        filters_of([("price", [value])])


def test_an_open_range_has_no_end() -> None:
    assert filters_of([("price", ["5000-"])]).prices == (PriceRange(5000, None),)


def test_what_follows_from_the_index_is_worked_out_once_until_something_changes() -> None:
    index, other = an_index(), an_index()
    context = CatalogContext(index_channels := channels(), CategoryTree(1, []))
    derived, made = Derived(most=2), count()

    def value_of(key: str, index: SearchIndex = index, context: CatalogContext = context) -> int:
        return derived.get_or_make(index, context, key, lambda: next(made))

    assert [value_of("a"), value_of("a"), value_of("b"), value_of("a")] == [0, 0, 1, 0]
    # Room for two: the one that was not asked for the longest time goes.
    assert [value_of("c"), value_of("a"), value_of("b")] == [2, 0, 3]
    index.commit()
    assert [value_of("a"), value_of("a")] == [4, 4]
    assert value_of("a", index=other) == 5
    assert (
        value_of("a", index=other, context=CatalogContext(index_channels, CategoryTree(2, []))) == 6
    )


def test_what_is_derived_is_bounded_in_bytes(index: SearchIndex) -> None:
    derived, context = Derived(most_bytes=10_000), CatalogContext(channels(), CategoryTree(1, []))

    for number in range(100):
        derived.get_or_make(index, context, ("key", number), lambda: "x" * 1_000)

    assert 0 < derived.size_bytes <= 10_000


def test_a_price_beyond_the_bound_leaves_its_product_out_and_no_other() -> None:
    index, bad = SearchIndex(channels()), a_find("Bad Jacket", price=10**12 + 1)

    failed = index.put([], [bad, JACKET])
    index.commit()

    assert list(failed) == [bad.product_id]
    assert titles(index, "jacket", bad, JACKET) == ["Rain Jacket"]


GERMAN = tuple(
    a_find(title, de=title, category=category, body="Für draußen.")
    for title, category in (
        ("Regenjacke Isar", "jackets"),
        ("Windjacken", "jackets"),
        ("Barock", "books"),
        ("Wanderrock", "tops"),
        ("Jacke für Regen", "jackets"),
        ("Schlafsäcke", "bags"),
        ("Handschuhe", "gloves"),
    )
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jacke", {"Jacke für Regen", "Regenjacke Isar", "Windjacken"}),
        ("jacken", {"Jacke für Regen", "Regenjacke Isar", "Windjacken"}),
        ("Regen", {"Jacke für Regen", "Regenjacke Isar"}),
        ("Rock", {"Wanderrock"}),
        ("Sack", {"Schlafsäcke"}),
        ("schlafsaecke", {"Schlafsäcke"}),
        ("Regen Jacke", {"Jacke für Regen", "Regenjacke Isar"}),
        ("Windjake", {"Windjacken"}),
    ],
)
def test_german_compounds_are_found_by_their_parts(text: str, expected: set[str]) -> None:
    assert set(titles(an_index(*GERMAN), text, *GERMAN, view=DE)) == expected


def test_a_whole_word_comes_before_compounds_with_it() -> None:
    assert titles(an_index(*GERMAN), "Jacke", *GERMAN, view=DE)[0] == "Jacke für Regen"


@pytest.mark.parametrize("text", ["rainjacket", "run ning shoes"])
def test_words_are_found_with_a_space_too_few_or_too_many(index: SearchIndex, text: str) -> None:
    assert titles(index, text, *ALL)[0] in ("Rain Jacket", "Running Shoes")


@pytest.mark.parametrize("text", ["SKU-RAI-9000", "sku-rai-9", "RAI-9000", "9000"])
def test_a_part_of_a_sku_is_enough(index: SearchIndex, text: str) -> None:
    assert titles(index, text, *ALL)[0] == "Rain Jacket"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("AB-123/45.X", "ab12345x"),
        ("AB-123/45.X", "AB 123 45 X"),
        ("AB-123/45.X", "ab123"),
        ("AB-123/45.X", "12345"),
        ("AB_123 45", "ab-123-45"),
        ("ÄB.7", "äb7"),
    ],
)
def test_signs_and_spaces_of_a_sku_do_not_matter(code: str, text: str) -> None:
    jacket = Findable(**{**_fields(JACKET), "codes": [code]})

    assert titles(an_index(jacket, SHOES), text, jacket, SHOES) == ["Rain Jacket"]


WATER, JUICE = a_find("Water 500 ml"), a_find("Juice 0,75 L")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("500ml", WATER),
        ("0.5 l", WATER),
        ("0,5l", WATER),
        ("½ liter", WATER),
        ("50 cl water", WATER),
        ("750 ml", JUICE),
        ("juice 0.75l", JUICE),
    ],
)
def test_a_measure_is_found_in_whatever_unit_it_is_written(text: str, found: Findable) -> None:
    for view in (EN, DE):
        assert titles(an_index(WATER, JUICE), text, WATER, JUICE, view=view) == [found.titles["en"]]


def test_the_title_that_was_typed_comes_before_one_of_the_same_measure() -> None:
    same = [a_find("Water 0.5 l"), WATER, a_find("Water 500ml")]

    for each in same:
        assert titles(an_index(*same), each.titles["en"], *same)[0] == each.titles["en"]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Boot 10½", "10 1/2"),
        ("Boot 10 1/2", "10.5"),
        ("Jeans W32/L34", "w32l34"),
        ("AC/DC Poster", "acdc"),
        ("Phone 15 Case", "phone15"),
        ("Kitchen Knives", "knife"),
        ("Wall Shelf", "shelves"),
        ('Screen 55" OLED', "55 inch"),
        ("Coffee 1 kg", "1000g"),
    ],
)
def test_sizes_and_odd_plurals_are_found_however_they_are_written(title: str, text: str) -> None:
    found = a_find(title)

    assert titles(an_index(found, SHOES), text, found, SHOES) == [title]


@pytest.mark.parametrize("text", ["🎉", "!!!", "❤️", "½", "5 ınch", "0 l", "1/0 l", "9" * 60 + "ml"])
def test_signs_and_measures_of_nothing_find_nothing(index: SearchIndex, text: str) -> None:
    assert titles(index, text, *ALL) == []


def test_a_barcode_is_found_with_and_without_leading_zeros() -> None:
    jacket = Findable(**{**_fields(JACKET), "codes": ["RJ-1", "0012345678905"]})
    index = an_index(jacket, SHOES)

    assert titles(index, "012345678905", jacket, SHOES) == ["Rain Jacket"]
    assert titles(index, "00012345678905", jacket, SHOES) == ["Rain Jacket"]


def test_two_replicas_with_other_histories_give_one_order() -> None:
    found = [a_find(f"Jacket {n % 7}", body="jacket rain") for n in range(200)]
    one, other = an_index(*found), SearchIndex(channels())
    for each in found[::-1]:
        other.put([each.product_id], [each])
        other.commit() if each.product_id.int % 5 == 0 else None
    other.put([each.product_id for each in found[:50]], found[:50])
    other.commit()

    for text in ("jacket", "jacket 3", "rain jakcet", "jacket umbrella"):
        pages = [
            index.query(EN, text, [], Filters())
            .results(SearchSort.RELEVANCE, offset=offset, size=24)
            .product_ids
            for index in (one, other)
            for offset in (0, 24, 48)
        ]
        assert pages[:3] == pages[3:]
        assert len({id for page in pages[:3] for id in page}) == sum(map(len, pages[:3]))


def test_what_can_be_had_comes_before_what_is_sold_out() -> None:
    sold_out = Findable(**{**_fields(a_find("Jacket")), "availability": "out_of_stock"})
    there = Findable(**{**_fields(a_find("Jacket")), "availability": "in_stock"})

    for order in ((sold_out, there), (there, sold_out)):
        results = an_index(*order).query(EN, "jacket", [], Filters())
        found = results.results(SearchSort.RELEVANCE, offset=0, size=24).product_ids
        assert found == [there.product_id, sold_out.product_id]
