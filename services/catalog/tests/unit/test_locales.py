"""The language of a view: what a reader accepts against what a channel offers."""

import pytest

from catalog.channels.model import Channel, Channels, TaxDisplay


def a_channel(*locales: str) -> Channel:
    return Channel(
        code="default",
        name="Shop",
        is_default=True,
        locales=list(locales),
        currencies=["EUR"],
        countries=[],
        tax_display=TaxDisplay.GROSS,
        warehouses=["main"],
        hosts=[],
        price_list="default",
    )


@pytest.mark.parametrize(
    ("locale", "accepted", "negotiated"),
    [
        ("", [], "en"),
        ("de", [], "de-DE"),
        ("de-AT", [], "de-DE"),
        ("", ["pt", "de"], "de-DE"),
        ("", ["pt", "it"], "en"),
        ("", ["FR", "de"], "fr"),
        ("pt", ["fr"], "fr"),
        ("fr", ["de"], "fr"),
    ],
)
def test_the_first_accepted_locale_that_the_channel_offers_is_used(
    locale: str, accepted: list[str], negotiated: str
) -> None:
    channels = Channels([a_channel("en", "de-DE", "fr")])

    assert channels.view("default", locale, "", accepted).locale == negotiated
