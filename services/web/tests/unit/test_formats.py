from __future__ import annotations

import pytest

from web.shop.languages import Language, load_language
from web.shop.model import Amount, Measure


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
