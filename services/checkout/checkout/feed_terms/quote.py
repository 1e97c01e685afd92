"""Deliveries and taxes of an item that is in nobody's cart yet.

Places are countries, and for taxes states of the United States: a feed knows no address.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from checkout.delivery.table import DeliveryTable, Goods
from checkout.errors.delivery import TariffNotSet
from checkout.errors.taxes import TaxRateNotSet
from checkout.settings import ChannelSettings
from checkout.taxes.model import Place, TaxSettings
from checkout.taxes.table import UNTAXED, TaxTable, taxing_place
from checkout.texts import title_in

# Of each kind, what the Google Merchant Center reads of an item.
MOST_OF_ITEM: Final = 100
# The only country whose taxes feeds tell beside the price.
TOLD_COUNTRY: Final = "US"
_PERCENT: Final = 100
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece: price in minor units, mass in grams, tax class, volume in cm³."""

    price_minor: int
    currency: str
    weight_grams: int
    tax_class: str
    volume_cm3: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A method to a country, its price in minor units, and its working days."""

    country: str
    service: str
    price_minor: int
    least_days: int
    most_days: int


@dataclass(frozen=True, slots=True)
class Tax:
    """A sales tax of a region, or of a whole country; `rate_percent` is in decimal."""

    country: str
    region: str
    rate_percent: str
    is_on_delivery: bool


def deliveries_of(
    item: Item, *, channel: str, settings: ChannelSettings, table: DeliveryTable, locale: str
) -> list[Delivery]:
    """Returns deliveries by country, the cheapest first. No more than a feed may have are left.

    Where there would be more, each country keeps its cheapest ones.
    """
    by_country = [
        sorted(
            _deliveries(item, country, channel, settings, table, locale),
            key=lambda each: (each.price_minor, each.most_days, each.service),
        )
        for country in settings.countries
    ]
    most = max((len(each) for each in by_country), default=0)
    while most > 1 and sum(len(each[:most]) for each in by_country) > MOST_OF_ITEM:
        most -= 1
    return [delivery for each in by_country for delivery in each[:most]][:MOST_OF_ITEM]


def _deliveries(
    item: Item,
    country: str,
    channel: str,
    settings: ChannelSettings,
    table: DeliveryTable,
    locale: str,
) -> Iterator[Delivery]:
    goods = Goods(
        country=country,
        origin=settings.origin_country,
        weight_grams=item.weight_grams,
        volume_cm3=item.volume_cm3,
        subtotal_minor=item.price_minor,
        currency=item.currency,
        channel=channel,
    )
    try:
        for quote in table.quotes(goods, has_pickup=False):
            served = quote.lane.served
            if quote.refusal is None and served is not None and not quote.lane.is_pickup:
                name = title_in(quote.lane.titles, locale, otherwise=quote.lane.method)
                yield Delivery(
                    country, name, quote.price_minor, served.least_days, served.most_days
                )
    except TariffNotSet:
        return


def taxes_of(
    tax_class: str,
    *,
    countries: Sequence[str],
    origin: str,
    table: TaxTable,
    settings: TaxSettings,
    day: date,
) -> list[Tax]:
    """Returns the sales taxes of the states in which the merchant collects them.

    A class without tax has 0 everywhere. States whose rate is not set are left out.
    """
    if TOLD_COUNTRY not in countries:
        return []
    if tax_class in UNTAXED:
        return [Tax(TOLD_COUNTRY, "", "0", is_on_delivery=False)]
    found = []
    for region in table.regions_of(TOLD_COUNTRY):
        place = Place(TOLD_COUNTRY, region)
        if taxing_place(place, origin, settings) != place:
            continue
        try:
            rate = _rate(table, place, tax_class, day)
            on_delivery = _rate(table, place, settings.delivery_tax_class or tax_class, day)
        except TaxRateNotSet:
            continue
        found.append(Tax(TOLD_COUNTRY, region, _percent(rate), bool(on_delivery)))
    return found[:MOST_OF_ITEM]


def _rate(table: TaxTable, place: Place, tax_class: str, day: date) -> Decimal:
    components = table.components(place, tax_class, day)
    return sum((each.effective for each in components), Decimal(0))


def _percent(rate: Decimal) -> str:
    return f"{(rate * _PERCENT).quantize(_PLACES).normalize() + 0:f}"
