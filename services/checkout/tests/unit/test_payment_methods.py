"""The text of a payment method in a language, and the connection of providers."""

import pytest

from checkout.payment_methods.model import text_in
from checkout.payments.provider import connect_all


@pytest.mark.parametrize(
    ("locale", "text"),
    [("de-AT", "Karte (AT)"), ("de-DE", "Karte"), ("de", "Karte"), ("fr", "Card"), ("", "Card")],
)
def test_a_text_is_that_of_the_nearest_language(locale: str, text: str) -> None:
    texts = {"de": "Karte", "de-AT": "Karte (AT)", "en": "Card"}

    assert text_in(texts, locale) == text


def test_without_english_the_first_text_is_shown_and_without_any_none() -> None:
    assert text_in({"it": "Carta"}, "fr") == "Carta"
    assert text_in({}, "fr") == ""


@pytest.mark.parametrize("names", ["simulator,simulator", "nobody", "simulator, nobody", ""])
def test_an_unknown_or_repeated_provider_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    for name, value in {
        "SIMULATOR_URL": "http://simulator",
        "SIMULATOR_API_KEY": "key",
        "WEBHOOK_SECRET": "secret",
    }.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(LookupError):
        connect_all(names, with_simulator=False, timeout_seconds=1)
