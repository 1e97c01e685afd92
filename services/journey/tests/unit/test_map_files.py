"""Files of maps: complete, safe to open, and drawn so that nothing overlaps."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from journey.map_documents.wire import locale_of, numbers_of
from journey.map_files.files import MapFormat, write_map
from journey.map_files.layout import (
    BOLD,
    PADDING,
    PLAIN,
    TITLE,
    Layout,
    lay_out_map,
    text_width,
    wrap_text,
)
from journey.map_files.png import MOST_PIXELS, draw_png
from journey.map_files.svg import draw_svg
from journey.map_files.table import Numbers, StageNumbers, tabulate_map
from journey.map_files.text_files import COLUMNS
from journey.maps.builtin_map import DOCUMENT
from journey.maps.model import JourneyMap
from journey.wire import document_of, journey_map
from services.journey.tests.published_maps import PUBLISHED, published_maps
from sojourn.journey.v1 import journey_pb2
from sojourn.journey.v1 import map_documents_pb2 as pb

HOSTILE = "=cmd|'/c calc'!A1 <script>alert(1)</script> [x](javascript:1) | `y` & *z*"


def a_map(**facts: Any) -> JourneyMap:
    stage = {
        "slug": "look",
        "name": {"en": "Look", "de": "Sehen"},
        "meaning": {"en": "They look"},
        "actions": ["searches", HOSTILE],
        "pain_points": [{"text": "slow page", "impact": "abandons"}],
        "owned_opportunities": [{"text": "cache", "owner": "web team"}],
        "kpis": [{"name": "bounce rate", "target": 40.0, "unit": "%"}],
        "branches": [{"to": "look", "condition": "returns"}],
        "cells": [{"lane": "thoughts", "persona": "eve", "texts": ["hm"]}],
        "details": {"owner": {"team": "shop"}, "is_open": True, "n": 3.0},
    }
    document = {
        "slug": "a",
        "name": {"en": "A map"},
        "stages": [stage],
        "personas": [{"slug": "eve", "name": "Eve", "segment": "fans", "goals": ["quality"]}],
        "steps": [{"stage": "Look", "action": "clicks", "channel": "web", "emotion": "calm"}],
        **facts,
    }
    return JourneyMap.from_document(document, 4)


def content(chart: JourneyMap, format: MapFormat, locale: str = "en", **more: Any) -> str:
    return write_map(chart, format, locale, **more).content.decode()


def test_a_json_file_is_the_document_as_it_was_put() -> None:
    chart = a_map()

    file = write_map(chart, MapFormat.JSON, "en")

    assert json.loads(file.content) == chart.document
    assert (file.name, file.media_type) == ("a.json", "application/json")
    again = JourneyMap.from_document(json.loads(file.content), 5)
    assert write_map(again, MapFormat.JSON, "en").content == file.content
    # As the API keeps what it is sent.
    assert document_of(journey_map(again)) == chart.document


def test_a_json_file_with_numbers_parts_them_from_the_map() -> None:
    chart = a_map()

    told = json.loads(content(chart, MapFormat.JSON, document_of_numbers={"segments": []}))

    assert told == {"map": chart.document, "numbers": {"segments": []}}


def test_a_csv_file_has_a_row_for_each_text_of_a_cell() -> None:
    rows = list(csv.DictReader(io.StringIO(content(a_map(), MapFormat.CSV))))

    told = [
        (one["stage"], one["lane"], one["persona"], one["position"], one["text"]) for one in rows
    ]
    assert tuple(rows[0]) == COLUMNS
    for row in (
        ("look", "meaning", "", "1", "They look"),
        ("look", "actions", "", "1", "searches"),
        ("look", "pains", "", "1", "slow page (impact: gives up)"),
        ("look", "opportunities", "", "1", "cache (owner: web team)"),
        ("look", "metrics", "", "1", "bounce rate (target: 40 %)"),
        ("look", "branches", "", "1", "→ look: returns"),
        ("look", "thoughts", "Eve", "1", "hm"),
        ("", "personas", "Eve", "1", "quality"),
        ("", "steps", "", "1", "clicks"),
    ):
        assert row in told, row


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@x", " =1+1", "\t=1"])
def test_no_cell_of_a_csv_file_is_a_formula(begin: str) -> None:
    stage = {"slug": "s", "name": {"en": begin.strip() or "S"}, "goals": [begin]}
    chart = a_map(stages=[stage], personas=[{"slug": "p", "name": begin, "goals": [begin]}])

    rows = list(csv.reader(io.StringIO(content(chart, MapFormat.CSV))))

    assert not [cell for row in rows for cell in row if re.match(r"\s*[=+\-@]", cell)]
    assert f"'{begin}" in [cell for row in rows for cell in row]


def test_a_markdown_file_has_no_markup_of_the_map_s() -> None:
    told = content(a_map(name={"en": "# A | map"}), MapFormat.MARKDOWN)

    assert told.startswith("# \\# A \\| map\n")
    assert "<script>" not in told
    assert "[x](" not in told
    table = [line for line in told.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {3}
    assert "searches<br>" in told


def test_a_file_is_in_the_language_that_is_asked_for() -> None:
    told = content(a_map(), MapFormat.MARKDOWN, "de")

    for text in ("Sehen", "Schmerzpunkte", "Auswirkung: gibt auf", "Schritt für Schritt", "ja"):
        assert text in told, text


def test_numbers_stand_above_what_people_drew() -> None:
    numbers = Numbers({"look": StageNumbers("1,234", "", ["€5.00, 2 orders"])}, ["All time"])

    told = content(a_map(), MapFormat.MARKDOWN, numbers=numbers)

    assert told.index("1,234") < told.index("searches")
    assert "€5.00, 2 orders" in told
    assert "\\*All" not in told
    assert "1,234" in content(a_map(), MapFormat.SVG, numbers=numbers)
    assert "1,234" in content(a_map(), MapFormat.CSV, numbers=numbers)


def test_numbers_are_formatted_in_their_language() -> None:
    funnel = journey_pb2.Funnel()
    part = funnel.segments.add()
    part.stages.add(slug="look", people=1234, conversion_rate=1)
    part.stages.add(slug="buy", people=63, conversion_rate=0.0511)
    funnel.revenue.add(stage="buy", currency="EUR", orders=3, net_minor=35001)
    asked = pb.ExportMapRequest(channel="app")
    asked.time_range.since.FromJsonString("2026-03-01T00:00:00Z")

    told = numbers_of(funnel, asked, locale_of("de-AT"))

    assert told.by_stage["look"] == StageNumbers("1.234")
    assert told.by_stage["buy"].conversion == "5,1\u00a0%"
    assert told.by_stage["buy"].revenue == ["350,01\u00a0€, 3 Bestellungen"]
    assert told.notes == ["01.03.2026 – …, UTC", "app"]
    assert str(locale_of("xx")) == "en"


def test_text_is_wrapped_and_a_long_word_is_cut() -> None:
    lines = wrap_text("a few words and " + "x" * 200, 120)

    assert "".join(lines).replace(" ", "") == "afewwordsand" + "x" * 200
    assert all(text_width(line) <= 120 for line in lines)
    assert wrap_text("漢字" * 40, 120)
    assert wrap_text("", 120) == []


def test_a_drawing_is_well_formed_and_carries_no_script() -> None:
    told = content(a_map(name={"en": f"{HOSTILE}\x01"}), MapFormat.SVG)

    root = ElementTree.fromstring(told)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names <= {"svg", "title", "g", "rect", "text", "polyline", "circle"}
    assert not [
        name
        for element in root.iter()
        for name in element.attrib
        if name.startswith(("on", "href"))
    ]


def test_a_drawing_is_an_image_too_and_a_large_one_is_made_smaller() -> None:
    image = write_map(a_map(), MapFormat.PNG, "de")
    layout = lay_out_map(tabulate_map(a_map(), "de"))
    width, height = size_of(image.content)
    wide = Layout(40_000, 4_000, [])

    assert image.media_type == "image/png"
    assert (width, height) == (int(layout.width), round(layout.height))
    wide_width, wide_height = size_of(draw_png(draw_svg(wide, "wide", "en"), wide))
    assert wide_width * wide_height <= MOST_PIXELS
    # Each side is a whole number of pixels.
    assert abs(wide_width - 10 * wide_height) < 10


def size_of(image: bytes) -> tuple[int, int]:
    """Returns width and height from the head of a PNG (RFC 2083, 4.1.1)."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    return int.from_bytes(image[16:20]), int.from_bytes(image[20:24])


def require_apart(layout: Layout) -> None:
    """Measures that no box overlaps another one, and that each line is inside its box."""
    for one, other in itertools.combinations(layout.boxes, 2):
        is_beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        is_below = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert is_beside or is_below, (one, other)
    for box in layout.boxes:
        assert box.x >= 0
        assert box.x + box.width <= layout.width
        assert box.y >= 0
        assert box.y + box.height <= layout.height
        below = box.y
        for line in box.lines:
            assert line.x >= box.x + PADDING
            assert line.x + text_width(line.text, line.style) <= box.x + box.width - PADDING + 0.01
            # The line above ends where this one begins.
            assert line.y - line.style.size >= below - 0.01
            below = line.y + line.style.size * 0.25
        assert below <= box.y + box.height


def charts() -> list[JourneyMap]:
    published = published_maps() if PUBLISHED.exists() else []
    found = [JourneyMap.from_document(document_of(one), 1) for one in published]
    return [a_map(), JourneyMap.from_document(DOCUMENT, 1), *found]


@pytest.mark.parametrize("chart", charts(), ids=lambda chart: chart.slug)
def test_no_box_of_a_drawing_overlaps_another_one(chart: JourneyMap) -> None:
    for locale in ("en", "de"):
        layout = lay_out_map(tabulate_map(chart, locale))

        assert layout.boxes
        require_apart(layout)


def values_of(value: Any) -> set[str]:
    """Returns the texts and numbers of a document, without the names of fields and slugs."""
    if isinstance(value, dict):
        return {text for name, one in value.items() if name != "slug" for text in values_of(one)}
    if isinstance(value, list):
        return {text for one in value for text in values_of(one)}
    if isinstance(value, bool) or value is None:
        return set()
    return {plain(f"{value:,.10g}" if isinstance(value, float) else str(value))}


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


@pytest.mark.parametrize("chart", charts()[2:], ids=lambda chart: chart.slug)
def test_every_text_of_a_published_map_is_in_its_files(chart: JourneyMap) -> None:
    cells = csv.reader(io.StringIO(content(chart, MapFormat.CSV)))
    read = {
        "csv": " ".join(cell for row in cells for cell in row),
        "markdown": content(chart, MapFormat.MARKDOWN).replace("\\", ""),
        "svg": " ".join(ElementTree.fromstring(content(chart, MapFormat.SVG)).itertext()),
    }

    wanted = values_of({k: v for k, v in chart.document.items() if k != "name"})
    for name, file in read.items():
        told = plain(file).replace(" ", "")
        # A long word is cut in a drawing.
        assert {text for text in wanted if text.replace(" ", "") not in told} == set(), name


def test_styles_have_widths() -> None:
    assert text_width("Wide", TITLE) > text_width("Wide", BOLD) > text_width("Wide", PLAIN)
    assert text_width("iiii") < text_width("mmmm")
