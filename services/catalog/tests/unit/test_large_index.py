"""A large index: frequent words are ranked and counted by samples, all others exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from catalog.channels.model import View
from catalog.listings.facets import Filters, filters_of
from catalog.search.documents import Findable
from catalog.search.found import MOST_RESULTS, Found, SearchSort
from catalog.search.index import SearchIndex
from catalog.search.selection import Merchandising
from catalog.search.synonyms import synonyms_of
from catalog.search.weights import Weights
from services.catalog.tests.unit.test_search import channels

EN = View("default", "en", "EUR")
MANY = 6_000
RARE = UUID(int=MANY + 1)
IN_GREEN, SOLD_OUT = 3, 5


def a_find(number: int, title: str) -> Findable:
    colour = "green" if number % IN_GREEN == 0 else "black"
    availability = "out_of_stock" if number % SOLD_OUT == 0 else "in_stock"
    return Findable(
        product_id=UUID(int=number),
        channel="default",
        category_slug="jackets",
        availability=availability,
        facets=[f"availability={availability}", f"colour={colour}"],
        prices={"EUR": 5_00},
        titles={"en": title},
        bodies={"en": "Something for every day."},
        attributes={"en": colour},
    )


PRODUCTS = [
    *(a_find(n, "Jacket" if n % 7 else "Winter Jacket") for n in range(1, MANY + 1)),
    a_find(RARE.int, "Zeppelin Jacket"),
]


def an_index(
    products: Sequence[Findable], *, commits: int = 1, sampled_from: int = 1_000
) -> SearchIndex:
    index = SearchIndex(channels(), sampled_from=sampled_from)
    size = -(-len(products) // commits)
    for start in range(0, len(products), size):
        index.put([], products[start : start + size])
        index.commit()
    return index


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return an_index(PRODUCTS)


@pytest.fixture(scope="module")
def other() -> SearchIndex:
    """A replica with the same products and another history."""
    replica = an_index(PRODUCTS[::-1], commits=5)
    replica.put([each.product_id for each in PRODUCTS[:500]], PRODUCTS[:500])
    replica.commit()
    return replica


@pytest.fixture(scope="module")
def exact() -> SearchIndex:
    """An index that samples nothing."""
    return an_index(PRODUCTS, sampled_from=1_000_000)


def found(index: SearchIndex, text: str, filters: Filters | None = None) -> Found:
    return index.query(EN, text, [], filters or Filters())


def all_pages(index: SearchIndex, text: str, size: int) -> list[list[UUID]]:
    return [
        found(index, text).results(SearchSort.RELEVANCE, offset=offset, size=size).product_ids
        for offset in range(0, MOST_RESULTS, size)
    ]


@pytest.mark.parametrize("text", ["jacket", "jack", "black jacket", "every", "jakcet"])
def test_two_replicas_rank_a_frequent_word_in_one_order(
    index: SearchIndex, other: SearchIndex, text: str
) -> None:
    for offset in (0, 24, 900):
        one, two = (
            found(each, text).results(SearchSort.RELEVANCE, offset=offset, size=24)
            for each in (index, other)
        )

        assert one == two
        assert len(one.product_ids) == 24


@pytest.mark.parametrize("text", ["jacket", "black jacket", "every"])
def test_pages_of_a_frequent_word_join_without_gap_or_double(index: SearchIndex, text: str) -> None:
    by_hundred, by_fifty = all_pages(index, text, 100), all_pages(index, text, 50)

    ids = [each for page in by_hundred for each in page]
    assert ids == [each for page in by_fifty for each in page]
    assert len({*ids}) == len(ids) == MOST_RESULTS


@pytest.mark.parametrize("text", ["jacket", "black jacket", "every"])
def test_a_frequent_word_is_counted_to_a_few_percent_and_says_so(
    index: SearchIndex, exact: SearchIndex, text: str
) -> None:
    about, all_of_them = found(index, text), found(exact, text)

    assert about.is_estimate
    assert not all_of_them.is_estimate
    assert about.total == pytest.approx(all_of_them.total, rel=0.1)
    counted = all_of_them.counts().by_name
    for name, values in about.counts().by_name.items():
        assert values == pytest.approx(counted[name], rel=0.1)


def test_few_matches_of_a_large_index_are_counted_exactly(
    index: SearchIndex, exact: SearchIndex
) -> None:
    for text in ("winter", "winter jacket", "zeppelin"):
        few, all_of_them = found(index, text), found(exact, text)

        assert not few.is_estimate
        assert few.total == all_of_them.total
        assert few.counts() == all_of_them.counts()
        one, two = (
            each.results(SearchSort.RELEVANCE, offset=0, size=24) for each in (few, all_of_them)
        )
        assert one == two


def test_a_facets_own_filter_does_not_reduce_its_estimates(index: SearchIndex) -> None:
    narrowed = found(index, "jacket", filters_of([("colour", ["green"])]))

    assert narrowed.total == sum(not number % IN_GREEN for number in range(1, MANY + 2))
    colours = narrowed.counts().by_name["colour"]
    assert colours["black"] == pytest.approx(MANY * 2 / 3, rel=0.1)


def test_the_whole_title_comes_before_a_frequent_word_in_it(index: SearchIndex) -> None:
    assert found(index, "zeppelin jacket").best(0, 24)[0] == RARE
    first = found(index, "jacket").best(0, 24)
    assert all(each.int % 7 for each in first)


def test_what_can_be_had_is_ranked_first_among_many(index: SearchIndex) -> None:
    assert all(each.int % SOLD_OUT for page in all_pages(index, "jacket", 100) for each in page)


def test_rules_rank_a_frequent_word_as_they_do_a_rare_one(index: SearchIndex) -> None:
    rules = Merchandising(pinned=(RARE,))
    ruled = index.query(EN, "jacket", [], Filters(), merchandising=rules)

    assert ruled.best(0, 24)[0] == RARE
    assert ruled.is_estimate


def an_uneven_id(number: int) -> UUID:
    """Ids of which the sparse samples have more than their share, the densest less."""
    if number < 45:
        return UUID(int=256 * (number + 1))
    if number < 645:
        return UUID(int=4 * (64 * number + 1 + number % 63))
    return UUID(int=2 * number + 1)


def an_uneven_find(number: int) -> Findable:
    title = ("Jacket7 Jacket", "Flat Screen Telly", "Coat")[number % 3]
    find = a_find(number, title)
    return replace(
        find,
        product_id=an_uneven_id(number),
        bodies={"en": "As good as a jacket7 jacket, for every day."},
        categories={"en": "Jacket"},
        codes=[f"JACKET7-{number}"] if number % 10 == 0 else [],
    )


@pytest.fixture(scope="module")
def uneven() -> SearchIndex:
    """An index whose samples have fewer products than is estimated."""
    return an_index([an_uneven_find(number) for number in range(4_500)])


KINDS = {
    "all words in the title": "jacket",
    "all words in the title, of few": "every jacket",
    "all but one": "black jacket",
    "words of the text": "every",
    "a mistake": "jakcet",
    "a beginning": "jack",
    "the beginning of a code that is a word too": "jacket7",
}
LONGER = ("flat screen telly",)


@pytest.mark.parametrize(
    ("text", "also", "weights"),
    [
        *(pytest.param(text, (), Weights(), id=kind) for kind, text in KINDS.items()),
        pytest.param("jacket", LONGER, Weights(), id="a longer synonym"),
        pytest.param("jacket", LONGER, Weights(in_stock=0.0), id="no weight of what can be had"),
        pytest.param("jacket", (), Weights(in_stock=1 / 64), id="less weight of it than a rank"),
    ],
)
def test_pages_join_where_a_sample_has_fewer_products_than_estimated(
    uneven: SearchIndex, text: str, also: Sequence[str], weights: Weights
) -> None:
    synonyms = synonyms_of(uneven.analysis(EN), [(["jacket"], also)])

    def found() -> Found:
        return uneven.query(EN, text, [], Filters(), weights=weights, synonyms=synonyms)

    whole = found().best(0, MOST_RESULTS)
    assert found().is_estimate
    assert len({*whole}) == len(whole) == MOST_RESULTS
    assert found().best(0, 24) == whole[:24]
    pages = [found().best(start, 100) for start in range(0, MOST_RESULTS, 100)]
    assert [each for page in pages for each in page] == whole
