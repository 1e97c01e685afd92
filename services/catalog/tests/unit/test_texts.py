from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.products.plain_text import line_of, text_of
from catalog.slugs import distinct, is_slug, slug_of, sort_key_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Rain Jacket", "rain-jacket"),
        ("Größe für Läufer", "groesse-fuer-laeufer"),
        ("  Café – crème!  ", "cafe-creme"),
        ("100% Merino (2-pack)", "100-merino-2-pack"),
        ("靴", ""),
    ],
)
def test_a_slug_is_made_from_a_title(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=200))
def test_a_slug_is_a_slug_or_empty(title: str) -> None:
    slug = slug_of(title)

    assert slug == "" or is_slug(slug)
    assert is_slug(distinct(slug, "shop/1"))


def test_titles_sort_without_case_and_accents() -> None:
    assert sorted(["zelt", "apfel b", "Äpfel", "Zaun"], key=sort_key_of) == [
        "Äpfel",
        "apfel b",
        "Zaun",
        "zelt",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<ul><li>light</li><li>dry</li></ul>", "• light\n• dry"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("<script>alert(1)</script>Safe<style>p{}</style>", "Safe"),
        ("<b>bold</b> and <a href='javascript:alert(1)'>link</a>", "bold and link"),
        ("5 < 6 and plain", "5 < 6 and plain"),
        ("line one\nline two", "line one\nline two"),
    ],
)
def test_html_is_reduced_to_text(html: str, text: str) -> None:
    assert text_of(html) == text


def test_a_script_within_broken_markup_does_not_come_through() -> None:
    text = text_of("<div><script>steal()</div><p>after</p>")

    assert "steal" not in text


@given(st.text(max_size=100))
def test_a_line_has_no_control_characters(text: str) -> None:
    assert line_of(text).isprintable()
