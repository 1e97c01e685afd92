"""Search finds at least as well as it did when these floors were set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog.relevance.__main__ import main
from catalog.relevance.corpus import corpora
from catalog.relevance.measure import Figures, measure
from stack.shoppers import demo_files

# Of the figures in docs/catalogue.md: success at one and at ten, by locale and kind.
DEMO = {
    ("en", "exact"): (0.99, 1.0),
    ("en", "misspelt"): (0.96, 0.99),
    ("en", "plural"): (0.98, 0.99),
    ("en", "compound"): (0.75, 0.97),
    ("en", "synonym"): (1.0, 1.0),
    ("en", "attribute"): (0.96, 0.99),
    ("en", "sku"): (1.0, 1.0),
    ("de", "exact"): (0.99, 1.0),
    ("de", "misspelt"): (0.97, 0.99),
    ("de", "plural"): (0.98, 0.99),
    ("de", "compound"): (0.86, 0.94),
    ("de", "synonym"): (1.0, 1.0),
    ("de", "attribute"): (0.97, 0.99),
    ("de", "sku"): (1.0, 1.0),
}
REAL = {
    "exact": (0.98, 1.0),
    "misspelt": (0.92, 0.98),
    "plural": (0.91, 0.97),
    "compound": (0.74, 0.95),
    "synonym": (1.0, 1.0),
    "attribute": (0.93, 0.98),
}
SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[5] / "shared" / "data"))


def below(figures: Figures, floor: tuple[float, float]) -> bool:
    return figures.success_at_1 < floor[0] or figures.success_at_10 < floor[1]


def test_search_finds_the_demo_catalogue(tmp_path: Path) -> None:
    demo_files.write(tmp_path, count=400)

    figures = [each for corpus in corpora(tmp_path) for each in measure(corpus)]

    assert {(each.locale, each.kind) for each in figures} == set(DEMO)
    assert [each for each in figures if below(each, DEMO[each.locale, each.kind])] == []


@pytest.mark.skipif(not SHARED.exists(), reason="needs real catalogues beside the repository")
def test_search_finds_real_products() -> None:
    figures = [each for corpus in corpora(SHARED) for each in measure(corpus)]

    assert {each.corpus for each in figures} == {"products", "categories"}
    assert [each for each in figures if below(each, REAL[each.kind])] == []


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert main(["--data", str(tmp_path)]) == 1
