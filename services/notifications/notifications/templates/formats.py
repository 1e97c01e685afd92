"""Amounts, dates and countries as people read them (CLDR), with the decimal places of ISO 4217."""

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

# The same few thousand amounts and days are written again and again, each twice in a mail.
_KEPT: Final = 4_096
_LETTER_BESIDE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


@lru_cache(maxsize=_KEPT)
def known_locale(tag: str, default: str) -> str:
    """The tag where CLDR knows it, its language where it knows that, or `default`."""
    for candidate in (tag, tag.partition("-")[0]):
        try:
            Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        return candidate
    return default


@lru_cache(maxsize=_KEPT)
def money(amount_minor: int, currency: str, tag: str) -> str:
    """An amount of minor units, e.g. `€12.50` or `12,50 €`."""
    digits = exponent(currency)
    locale = Locale.parse(tag, sep="-")
    pattern = locale.currency_formats["standard"]
    amount = Decimal(amount_minor).scaleb(-digits)
    # CLDR's decimal places differ from ISO 4217's for some live currencies.
    text = pattern.apply(amount, locale, currency=currency, currency_digits=False, force_frac=(digits, digits))
    # CLDR parts letters from digits by a space, which babel leaves out.
    return _LETTER_BESIDE_DIGIT.sub("\xa0", str(text))


# CLDR's names of the units of UN/ECE Recommendation 20 in which goods are sold.
_UNITS: Final = {
    "KGM": "mass-kilogram", "GRM": "mass-gram", "MGM": "mass-milligram", "LBR": "mass-pound", "ONZ": "mass-ounce",
    "MTR": "length-meter", "CMT": "length-centimeter", "MMT": "length-millimeter", "KMT": "length-kilometer", "FOT": "length-foot",
    "INH": "length-inch", "YRD": "length-yard",
    "LTR": "volume-liter", "CLT": "volume-centiliter", "MLT": "volume-milliliter", "DLT": "volume-deciliter", "GLL": "volume-gallon",
    "MTK": "area-square-meter", "CMK": "area-square-centimeter", "FTK": "area-square-foot", "MTQ": "volume-cubic-meter",
}  # fmt: skip


@lru_cache(maxsize=_KEPT)
def quantity(steps: int, scale: int, unit_code: str, tag: str) -> str:
    """A quantity before the title of a product: `2 ×` of what is sold by the piece, `1.25 kg` or `1,25 kg` of what is sold by weight.

    A unit that CLDR has no name for is counted as pieces are.
    """
    amount, locale = Quantity(steps, scale).amount.normalize(), Locale.parse(tag, sep="-")
    if unit_code == PIECE or unit_code not in _UNITS:
        return f"{format_decimal(amount, locale=locale)} ×"
    return str(format_unit(amount, _UNITS[unit_code], "short", locale=locale, format="#,##0.######"))


@lru_cache(maxsize=_KEPT)
def day(value: date, tag: str) -> str:
    """A day, e.g. `Mon, Mar 3` or `Mo., 3. März`."""
    return str(format_date(value, "long", locale=Locale.parse(tag, sep="-")))


@lru_cache(maxsize=_KEPT)
def days(first: date, last: date, tag: str) -> str:
    """A span of days, or the one day that it is."""
    if first == last:
        return day(first, tag)
    return str(format_interval(first, last, "yMMMMd" if first.year != last.year else "MMMMd", locale=Locale.parse(tag, sep="-")))


def country(code: str, tag: str) -> str:
    """A country's name, or the code where CLDR has none."""
    return str(Locale.parse(tag, sep="-").territories.get(code.upper(), code))
