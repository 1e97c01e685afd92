"""Localized formats of amounts, quantities, dates and countries.

Formats follow CLDR, and decimal places of amounts follow ISO 4217.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import format_decimal
from babel.units import format_unit

from chassis.money import exponent
from chassis.quantity import PIECE, Quantity

# Most mails repeat the same few thousand amounts and dates, each in the text and in the HTML.
_CACHE_SIZE: Final = 4_096
_LETTER_BESIDE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


@lru_cache(maxsize=_CACHE_SIZE)
def find_locale(tag: str, default: str) -> str:
    """Returns the tag, its language, or `default`: the first of them that CLDR knows."""
    for candidate in (tag, tag.partition("-")[0]):
        try:
            Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        return candidate
    return default


@lru_cache(maxsize=_CACHE_SIZE)
def format_money(amount_minor: int, currency: str, tag: str) -> str:
    """Returns an amount of minor units, e.g. `€12.50` or `12,50 €`."""
    digits = exponent(currency)
    locale = Locale.parse(tag, sep="-")
    pattern = locale.currency_formats["standard"]
    amount = Decimal(amount_minor).scaleb(-digits)
    # CLDR and ISO 4217 define different decimal places for some currencies, e.g. HUF.
    text = pattern.apply(
        amount, locale, currency=currency, currency_digits=False, force_frac=(digits, digits)
    )
    # CLDR separates letters from digits by a space, which babel omits.
    return _LETTER_BESIDE_DIGIT.sub("\xa0", str(text))


# CLDR's names of those units of UN/ECE Recommendation 20 in which goods are sold.
_UNITS: Final = {
    "KGM": "mass-kilogram", "GRM": "mass-gram", "MGM": "mass-milligram", "LBR": "mass-pound",
    "ONZ": "mass-ounce",
    "MTR": "length-meter", "CMT": "length-centimeter", "MMT": "length-millimeter",
    "KMT": "length-kilometer", "FOT": "length-foot",
    "INH": "length-inch", "YRD": "length-yard",
    "LTR": "volume-liter", "CLT": "volume-centiliter", "MLT": "volume-milliliter",
    "DLT": "volume-deciliter", "GLL": "volume-gallon",
    "MTK": "area-square-meter", "CMK": "area-square-centimeter", "FTK": "area-square-foot",
    "MTQ": "volume-cubic-meter",
}  # fmt: skip


@lru_cache(maxsize=_CACHE_SIZE)
def format_quantity(steps: int, scale: int, unit_code: str, tag: str) -> str:
    """Returns a quantity, e.g. `2 ×` for pieces, `1.25 kg` or `1,25 kg` for goods by weight.

    A unit without a name in CLDR is formatted as pieces.
    """
    amount, locale = Quantity(steps, scale).amount.normalize(), Locale.parse(tag, sep="-")
    if unit_code == PIECE or unit_code not in _UNITS:
        return f"{format_decimal(amount, locale=locale)} ×"
    return str(
        format_unit(amount, _UNITS[unit_code], "short", locale=locale, format="#,##0.######")
    )


@lru_cache(maxsize=_CACHE_SIZE)
def format_day(value: date, tag: str) -> str:
    """Returns a day, e.g. `March 2, 2026` or `2. März 2026`."""
    return str(format_date(value, "long", locale=Locale.parse(tag, sep="-")))


@lru_cache(maxsize=_CACHE_SIZE)
def format_days(first: date, last: date, tag: str, *, year: int | None = None) -> str:
    """Returns a period, e.g. `Mar 5 – 7` or `5.–7. März`. A period of one day is that day.

    It has its year where that changes within it, or is not the `year` of the reader.
    """
    if first == last:
        return format_day(first, tag)
    return str(
        format_interval(
            first,
            last,
            "yMMMMd" if first.year != last.year or year not in (None, first.year) else "MMMMd",
            locale=Locale.parse(tag, sep="-"),
        )
    )


def format_country(code: str, tag: str) -> str:
    """Returns the name of a country, or its code if CLDR has no name."""
    return str(Locale.parse(tag, sep="-").territories.get(code.upper(), code))
