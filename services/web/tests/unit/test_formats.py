from __future__ import annotations

from datetime import UTC, datetime

import pytest

from web.shop.languages import Language, load_language
from web.shop.model import Amount, Measure
from web.studio.formats import duration, milliseconds, moment, number, percent, plural


def test_times_and_rates_are_told_in_the_units_of_people() -> None:
    told = [duration(seconds) for seconds in (0, 0.25, 1.5, 12, 600, 8_000, 400_000)]

    assert told == ["0 ms", "250 ms", "1.5 s", "12 s", "10 min", "2.2 h", "4.6 days"]
    assert [percent(rate) for rate in (0, 0.004, 0.5, 1)] == ["0 %", "0.4 %", "50 %", "100 %"]
    assert [milliseconds(value) for value in (12, 1_500)] == ["12 ms", "1.5 s"]


def test_counts_have_separators_and_their_noun() -> None:
    assert number(1_234_567) == "1,234,567"
    assert [plural(count, "call", "calls") for count in (0, 1, 2)] == [
        "0 calls",
        "1 call",
        "2 calls",
    ]


def test_a_moment_is_of_utc() -> None:
    at = datetime.fromisoformat("2026-03-01T13:00:00+01:00")

    assert moment(at) == moment(at.astimezone(UTC)) == "01 Mar 2026 12:00:00"


@pytest.mark.parametrize(
    ("code", "money", "quantity"),
    [("en", "€1,234.50", "1.25 KGM"), ("de", "1.234,50 €", "1,25 KGM")],
)
def test_amounts_and_quantities_follow_the_language(code: str, money: str, quantity: str) -> None:
    language = load_language(code)

    assert (
        language.money(Amount(amount_minor=123_450, currency="EUR")).replace("\xa0", " ") == money
    )
    assert language.quantity(Measure(steps=1_250, scale=3, unit_code="KGM")) == quantity
    assert language.quantity(Measure(steps=2)) == "2 ×"


def test_all_languages_have_the_same_texts() -> None:
    english, german = load_language("en"), load_language("de")

    assert english.texts.keys() == german.texts.keys()
    assert all(isinstance(language, Language) for language in (english, german))
