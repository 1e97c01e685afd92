"""Measures in texts: `500 ml` and `0,5 l` are one term, and so are sizes such as `10½`."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

# Units by what they are in the smallest one of their kind.
_UNITS: Final = {
    "ml": {
        "1": "ml milliliter millilitre milliliters millilitres",
        "10": "cl zentiliter centilitre centiliter",
        "100": "dl deziliter decilitre deciliter",
        "1000": "l ltr liter litre liters litres litro litros litri",
    },
    "mg": {
        "1": "mg milligram milligrams milligramm",
        "1000": "g gr gram grams gramm gramme grammes",
        "1000000": "kg kilo kilos kilogram kilograms kilogramm kilogramme",
    },
    "mm": {
        "1": "mm millimeter millimetre millimeters millimetres",
        "10": "cm centimeter centimetre centimeters centimetres zentimeter",
        "1000": "m meter metre meters metres",
    },
    "inch": {"1": 'in inch inches zoll tum pouce pouces pollici pulgadas " ″ ”'},
    "ft": {"1": "ft foot feet"},
    "oz": {"1": "oz ounce ounces"},
    "lb": {"1": "lb lbs pound pounds"},
    "w": {"1": "w watt watts", "1000": "kw kilowatt"},
    "v": {"1": "v volt volts"},
    "mah": {"1": "mah", "1000": "ah"},
    "mb": {"1": "mb", "1000": "gb", "1000000": "tb"},
}
_FACTORS: Final = {
    name: (unit, Decimal(factor))
    for unit, named in _UNITS.items()
    for factor, names in named.items()
    for name in names.split()
}
# Of these, three digits behind a sign are thousands: nobody weighs a thousandth of a gram.
_SMALL: Final = frozenset({"ml", "g", "gr", "gram", "gramm", "mg", "mm"})
_MEASURE: Final = re.compile(
    r"(?<![\w.,/])(?:(\d{1,9}(?:[.,]\d{1,9})?)|(\d{1,3})/(\d{1,3}))[ \u00a0\u202f-]?("
    + "|".join(sorted(map(re.escape, _FACTORS), key=len, reverse=True))
    + r")(?![\w])",
    re.IGNORECASE,
)
_THOUSANDS: Final = re.compile(r"(\d{1,3})[.,](\d{3})")
_FRACTIONS: Final = {
    "½": "5", "¼": "25", "¾": "75", "⅓": "33", "⅔": "67", "⅛": "125", "⅜": "375", "⅝": "625",
    "⅞": "875",
}  # fmt: skip
_FRACTION: Final = re.compile(f"(\\d*) ?([{''.join(_FRACTIONS)}])")
_MIXED: Final = re.compile(r"(?<![\w.,/])(\d{1,3}) (1/2|1/4|3/4|1/3|2/3|1/8|3/8|5/8|7/8)(?![\w/])")
_OF_TEXT: Final = {
    "1/2": "5", "1/4": "25", "3/4": "75", "1/3": "33", "2/3": "67", "1/8": "125", "3/8": "375",
    "5/8": "625", "7/8": "875",
}  # fmt: skip


class Measure(NamedTuple):
    """A measure with its place in the text, and the term that equal ones share."""

    start: int
    end: int
    term: str


def with_decimals(text: str) -> str:
    """Returns a text whose mixed numbers are decimals: `10½` and `10 1/2` are `10.5`."""
    if not text.isascii():
        text = _FRACTION.sub(lambda found: f"{found[1] or 0}.{_FRACTIONS[found[2]]}", text)
    if "/" in text:
        text = _MIXED.sub(lambda found: f"{found[1]}.{_OF_TEXT[found[2]]}", text)
    return text


def measures_in(text: str) -> Iterator[Measure]:
    """Yields the measures of a text in their order."""
    for found in _MEASURE.finditer(text):
        number, above, below, name = found.groups()
        # A dotless i is equal to i in another case, and in no unit.
        if (known := _FACTORS.get(name.lower())) is None:
            continue
        unit, factor = known
        try:
            if number is None:
                amount = Decimal(above) / Decimal(below)
            elif name.lower() in _SMALL and _THOUSANDS.fullmatch(number):
                amount = Decimal(_THOUSANDS.sub(r"\1\2", number))
            else:
                amount = Decimal(number.replace(",", "."))
        except (InvalidOperation, ZeroDivisionError):
            continue
        amount = round(amount * factor, 2).normalize()
        yield Measure(found.start(), found.end(), f"={amount:f}{unit}")
