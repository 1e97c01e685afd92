"""Suggestions of products: of a large index from a sample first."""

from __future__ import annotations

from uuid import UUID

from catalog.channels.model import View
from catalog.search.documents import Findable
from catalog.search.index import SearchIndex
from services.catalog.tests.unit.test_search import channels

EN = View("default", "en", "EUR")
MANY = 6_000


def a_find(number: int, title: str) -> Findable:
    return Findable(
        product_id=UUID(int=number),
        channel="default",
        category_slug="",
        availability="in_stock",
        facets=["availability=in_stock"],
        prices={"EUR": 5_00},
        titles={"en": title},
        bodies={"en": "Something for every day."},
    )


def an_index(*rare: Findable, sampled_from: int = 1_000) -> SearchIndex:
    index = SearchIndex(channels(), sampled_from=sampled_from)
    index.put([], [*(a_find(number, f"Jacket {number}") for number in range(1, MANY)), *rare])
    index.commit()
    return index


def test_a_frequent_word_is_answered_from_the_sample() -> None:
    found = an_index().suggest(EN, "jack", most=6)

    assert len(found) == 6
    assert all(each.int % 64 == 0 for each in found)


def test_a_rare_word_is_found_outside_of_the_sample() -> None:
    rare = a_find(MANY + 1, "Zeppelin Jacket")
    index = an_index(rare)

    for typed in ("zeppelin", "zepp", "zeppelin jack", "zepelin"):
        assert index.suggest(EN, typed, most=6) == [rare.product_id], typed


def test_a_strict_match_outside_of_the_sample_comes_before_loose_ones_in_it() -> None:
    rare = a_find(MANY + 1, "Rackets")

    assert an_index(rare).suggest(EN, "racket", most=6) == [rare.product_id]


def test_nothing_is_suggested_for_a_word_that_no_product_has() -> None:
    assert an_index().suggest(EN, "qqqqqq", most=6) == []


def test_a_small_index_is_asked_as_a_whole() -> None:
    found = an_index(sampled_from=10_000).suggest(EN, "jacket", most=6)

    assert found == [UUID(int=number) for number in range(4_095, 4_089, -1)]
