"""Words of the studio: the same in each language, with plurals, amounts and dates."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime

import pytest

from web.studio.words import LANGUAGES, load_words

EN, DE = load_words("en"), load_words("de")


def test_every_language_has_the_same_texts_with_the_same_values() -> None:
    def values(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    for code in LANGUAGES:
        words = load_words(code)
        assert words.texts.keys() == EN.texts.keys()
        for key, text in words.texts.items():
            assert values(text) == values(EN.texts[key]), key
            assert text.strip(), key


@pytest.mark.parametrize(
    ("number", "english", "german"),
    [
        (0, "0 people", "0 Personen"),
        (1, "1 person", "1 Person"),
        (1234, "1,234 people", "1.234 Personen"),
    ],
)
def test_a_count_has_the_noun_of_its_number(number: int, english: str, german: str) -> None:
    assert (EN.count("person", number), DE.count("person", number)) == (english, german)


def test_a_noun_stands_without_its_number() -> None:
    assert [EN.noun("person", 1), EN.noun("person", 2), DE.noun("person", 2)] == [
        "person",
        "people",
        "Personen",
    ]


def test_a_time_has_its_year_and_its_zone() -> None:
    at = datetime(2026, 3, 1, 12, 5, 9, tzinfo=UTC)

    assert EN.moment(at) == "1 Mar 2026, 12:05:09 UTC"
    assert DE.moment(at) == "1. März 2026, 12:05:09 UTC"
    assert EN.day(date(2026, 3, 1)) == "Mar 1, 2026"
    assert DE.day(date(2026, 3, 1)) == "01.03.2026"


def test_amounts_and_rates_are_formatted() -> None:
    assert [EN.amount(35001, "EUR"), DE.amount(35001, "EUR")] == ["€350.01", "350,01\u00a0€"]
    assert EN.amount(5, "JPY") == "¥5"
    assert EN.amount(5, "DEM") == "DEM 5 minor units"
    assert [EN.percent(0.5), EN.percent(0.051), DE.percent(0.051)] == [
        "50 %",
        "5.1 %",
        "5,1 %",
    ]


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (0.25, "250 ms", "250 ms"),
        (1.5, "1.5 s", "1,5 s"),
        (90, "90 s", "90 s"),
        (600, "10 min", "10 min"),
        (86_400, "24 h", "24 h"),
        (180_000, "2.1 days", "2,1 Tage"),
    ],
)
def test_a_duration_has_the_unit_that_people_use(seconds: float, english: str, german: str) -> None:
    assert (EN.duration(seconds), DE.duration(seconds)) == (english, german)
