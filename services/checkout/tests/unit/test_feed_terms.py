"""Terms of items in product feeds, from the tables that price orders."""

from __future__ import annotations

from datetime import date

from checkout.delivery.seeds import SEEDED as SEEDED_DELIVERY
from checkout.feed_terms.quote import MOST_OF_ITEM, Delivery, Item, Tax, deliveries_of, taxes_of
from checkout.settings import ChannelSettings
from checkout.taxes.model import TaxSettings
from checkout.taxes.seeds import SEEDED

TODAY = date(2026, 6, 1)


def an_item(price_minor: int = 20_00, *, currency: str = "EUR", grams: int = 500) -> Item:
    return Item(price_minor, currency, grams, "standard")


def deliveries(item: Item, *countries: str) -> list[Delivery]:
    settings = ChannelSettings(countries=countries, origin_country="DE")
    return deliveries_of(
        item, channel="default", settings=settings, table=SEEDED_DELIVERY, locale="de"
    )


def taxes(tax_class: str, *countries: str, collects_in: tuple[str, ...] = ()) -> list[Tax]:
    settings = TaxSettings(channel="", collects_in=list(collects_in), version=0)
    return taxes_of(
        tax_class,
        countries=countries,
        origin="US",
        table=SEEDED,
        settings=settings,
        day=TODAY,
    )


def test_an_item_is_sent_to_each_country_by_each_method_the_cheapest_first() -> None:
    found = deliveries(an_item(), "DE", "FR")

    assert [(each.country, each.service, each.price_minor) for each in found[:2]] == [
        ("DE", "Standardversand", 4_90),
        ("DE", "Expressversand", 12_90),
    ]
    assert (found[0].least_days, found[0].most_days) == (2, 3)
    assert {each.country for each in found} == {"DE", "FR"}


def test_mass_and_price_of_an_item_count_as_they_do_for_an_order() -> None:
    assert deliveries(an_item(80_00), "DE")[0].price_minor == 0
    assert deliveries(an_item(grams=4_500), "DE")[0].price_minor > 4_90


def test_a_currency_without_rates_has_no_deliveries() -> None:
    assert deliveries(an_item(currency="XOF"), "DE") == []


def test_each_country_keeps_its_cheapest_methods_where_a_feed_has_no_place_for_more() -> None:
    countries = [f"{one}{two}" for one in "ABCDEFGHIJ" for two in "ABCDEFGHIJ"]

    found = deliveries(an_item(), *countries)

    assert len(found) <= MOST_OF_ITEM
    assert len({each.country for each in found}) == len(found)


def test_states_in_which_the_merchant_collects_have_their_rates() -> None:
    found = {tax.region: tax for tax in taxes("standard", "US", collects_in=("US-CA", "US-NY"))}

    assert found.keys() == {"CA", "NY"}
    assert all(tax.country == "US" and float(tax.rate_percent) > 0 for tax in found.values())
    assert found["CA"].is_on_delivery


def test_goods_without_tax_say_so_and_other_countries_say_nothing() -> None:
    assert taxes("exempt", "US") == [Tax("US", "", "0", is_on_delivery=False)]
    assert taxes("standard", "DE", "FR") == []
