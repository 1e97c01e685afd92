"""Boxes of the drawings of maps, measured in the files that leave: nothing overlaps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from journey.map_files.files import MapFormat, write_map
from journey.maps.model import JourneyMap
from journey.wire import document_of
from services.journey.tests.published_maps import PUBLISHED, published_maps
from services.journey.tests.unit.test_map_files import a_map
from stack.shoppers.demo_map import demo_map

SVG = "{http://www.w3.org/2000/svg}"
TEMPLATES = 19
# A rounding of the file.
SLACK = 0.05


@dataclass(frozen=True)
class Area:
    """A rectangle of a drawing, and what it shows."""

    left: float
    top: float
    right: float
    bottom: float
    told: str = ""

    def overlaps(self, other: Area) -> bool:
        is_beside = self.right <= other.left + SLACK or other.right <= self.left + SLACK
        is_below = self.bottom <= other.top + SLACK or other.bottom <= self.top + SLACK
        return not is_beside and not is_below

    def holds(self, other: Area) -> bool:
        return (
            self.left <= other.left + SLACK
            and self.top <= other.top + SLACK
            and other.right <= self.right + SLACK
            and other.bottom <= self.bottom + SLACK
        )


@cache
def font(*, is_bold: bool) -> tuple[dict[int, str], Any, int, float, float]:
    """Roboto: the glyphs, their widths, and how far letters reach above and below the line."""
    spec = find_spec("font_roboto")
    assert spec is not None
    assert spec.submodule_search_locations
    name = "Roboto-Bold.ttf" if is_bold else "Roboto-Regular.ttf"
    read = TTFont(Path(next(iter(spec.submodule_search_locations))) / "files" / name)
    em = read["head"].unitsPerEm
    reach = read["OS/2"]
    return read.getBestCmap(), read["hmtx"], em, reach.sCapHeight / em, -reach.sTypoDescender / em


def text_area(element: ElementTree.Element) -> Area:
    """Measures a text by the widths of its letters."""
    glyphs, widths, em, above, below = font(is_bold=element.get("font-weight") == "bold")
    size, text = float(element.get("font-size", "0")), element.text or ""
    # A sign that the font lacks is as wide as its size.
    width = sum(widths[glyphs[ord(one)]][0] / em if ord(one) in glyphs else 1 for one in text)
    x, y = float(element.get("x", "0")), float(element.get("y", "0"))
    return Area(x, y - above * size, x + width * size, y + below * size, text)


def rect_area(element: ElementTree.Element) -> Area:
    x, y, width, height = (float(element.get(name, "0")) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + width, y + height, "box")


def require_no_overlap(areas: list[Area]) -> None:
    for one, other in itertools.combinations(areas, 2):
        assert not one.overlaps(other), (one, other)


def charts() -> list[JourneyMap]:
    published = published_maps() if PUBLISHED.exists() else []
    found = [JourneyMap.from_document(document_of(one), 1) for one in published]
    demo = {"slug": "demo", **demo_map(date(2026, 3, 31))}
    return [a_map(), JourneyMap.from_document(demo, 1), *found]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published maps are not on this machine")
def test_all_published_templates_are_measured() -> None:
    assert len(charts()) >= TEMPLATES + 2


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.slug)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_nothing_in_a_drawing_overlaps(chart: JourneyMap, locale: str) -> None:
    root = ElementTree.fromstring(write_map(chart, MapFormat.SVG, locale).content)
    sheet = Area(0, 0, float(root.get("width", "0")), float(root.get("height", "0")))
    groups = root.findall(f"{SVG}g")
    boxes, texts = [], []
    for group in groups:
        framed = [rect_area(one) for one in group.findall(f"{SVG}rect") if one.get("class")]
        inside = [text_area(one) for one in group.findall(f"{SVG}text")]
        for box in framed:
            assert all(box.holds(one) for one in inside), (box, inside)
        boxes += framed
        texts += inside

    assert texts
    require_no_overlap(boxes)
    require_no_overlap(texts)
    assert all(sheet.holds(one) for one in (*boxes, *texts))
    for point in root.findall(f"{SVG}circle"):
        x, y, r = (float(point.get(name, "0")) for name in ("cx", "cy", "r"))
        dot = Area(x - r, y - r, x + r, y + r)
        assert any(box.holds(dot) for box in boxes)
        assert not any(dot.overlaps(text) for text in texts)
