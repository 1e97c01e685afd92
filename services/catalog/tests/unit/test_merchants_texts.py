"""Texts as merchants have them: other scripts, and letters apart from their accents."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from google.protobuf import json_format

from catalog.channels.model import View
from catalog.listings.facets import Filters
from catalog.products.drafts import digest_of, draft_of, titles_of
from catalog.search.documents import Findable
from catalog.search.index import SearchIndex, SearchSort
from catalog.slugs import distinct, is_slug
from chassis.runtime.clock import uuid7
from services.catalog.tests.unit.test_merchants_files import CASES
from services.catalog.tests.unit.test_search import channels
from sojourn.catalog.v1 import catalog_pb2 as pb

EN = View("default", "en", "EUR")


def a_case(name: str) -> dict[str, Any]:
    path = next(CASES.glob(f"{name}-*.json"), None)
    if path is None:
        pytest.skip(f"{CASES} is not here; set SHARED_DATA to the folder beside it")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_product_without_a_latin_letter_has_a_slug() -> None:
    (given,) = a_case("k10")["products"]
    product = json_format.ParseDict(given, pb.ProductInput())

    draft = draft_of(product, line=1, digest=digest_of(product))

    assert draft.title == {"en": "赤い帽子"}
    assert draft.external_id == "赤い帽子"
    assert is_slug(draft.slug or draft.slug_in("en") or distinct("", draft.external_id))


def test_a_title_whose_accents_stand_apart_is_found_however_it_is_typed() -> None:
    case = a_case("k11")
    title = titles_of({"en": case["title_nfd"]}, 1)["en"]
    found = Findable(
        product_id=uuid7(),
        channel="default",
        category_slug="",
        availability="in_stock",
        facets=(),
        prices={"EUR": 5_00},
        titles={"en": title},
        bodies={},
    )
    index = SearchIndex(channels())
    index.put([], [found])
    index.commit()

    query = case["query_nfc"]
    for typed in (query, unicodedata.normalize("NFD", query), "creme brulee", case["title_nfd"]):
        results = index.query(EN, typed, [], Filters()).results(
            SearchSort.RELEVANCE, offset=0, size=24
        )
        assert results.product_ids == [found.product_id], typed
