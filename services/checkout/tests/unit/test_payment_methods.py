"""Texts and fees of payment methods, and the connection of providers."""

from fractions import Fraction

import pytest

from checkout.payment_methods.model import PaymentMethod, fee_of, text_in
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


@pytest.mark.parametrize(
    ("amount", "share", "fee"),
    [
        (100_00, Fraction(1), 4_90 + 1_50),
        (0, Fraction(1), 0),
        # Who is relieved of 19 % in the prices pays the fixed fee without them.
        (84_03, Fraction(100, 119), 4_12 + 1_26),
        # Half a unit goes to the even neighbour.
        (1_00, Fraction(1), 4_90 + 2),
    ],
)
def test_a_fee_is_a_fixed_amount_and_a_share(amount: int, share: Fraction, fee: int) -> None:
    row = PaymentMethod(
        code="door", provider="offline", provider_method="cash_on_delivery", titles={},
        descriptions={}, channels=[], countries=[], currencies=[], customer_groups=[],
        amount_from_minor=0, amount_to_minor=0, position=0, is_preferred=False, is_enabled=True,
        fees={"EUR": 4_90, "USD": 5_50}, fee_rate="0.015",
    )  # fmt: skip

    assert fee_of(row, amount, "EUR", share=share) == fee
    assert fee_of(row, 100_00, "CHF") == 1_50
