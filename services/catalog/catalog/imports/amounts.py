"""Amounts, whole numbers and truth values as merchants write them in files."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from catalog.errors import InvalidImport
from catalog.imports.csv_files import Row
from catalog.products.refusals import refuse
from chassis.money import CURRENCIES, Money
from chassis.rpc.errors import Invalid
from sojourn.common.v1 import money_pb2

_MOST_DIGITS: Final = 15
# Marks of a text's direction, which Arabic and Hebrew spreadsheets put around numbers.
_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Signs that part thousands wherever they stand, as no language has them for a decimal mark.
_THOUSANDS: Final = re.compile("(?<=\\d)[ \u00a0\u2007\u2009\u202f'\u2019\u066c](?=\\d{3}(?!\\d))")
# Without a decimal mark, only an amount with cents tells which sign parts thousands. India parts
# them by two digits but for the last three.
_GROUPED: Final = {
    "": re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}\.\d+"),
    ".": re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}(\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),
}
_GROUPED_WHOLE: Final = re.compile(r"[+-]?\d{1,3}(,\d{2,3})*,\d{3}")
_MAYBE_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(\.\d{3})+")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_WITH_SIGN: Final = re.compile(r"([^\d\s.,+\-()]*)\s*(.*?)\s*([^\d\s.,+\-()]*)", re.DOTALL)
# Signs by the currencies that they stand for.
_SIGNS_OF: Final = {
    "EUR": "€",
    "GBP EGP LBP": "£",
    "JPY CNY": "¥ ￥",
    "USD CAD AUD NZD MXN SGD HKD TWD ARS CLP COP UYU BSD": "$",
    "USD": "us$",
    "CAD": "ca$ c$",
    "AUD": "a$ au$",
    "NZD": "nz$",
    "MXN": "mx$",
    "HKD": "hk$",
    "SGD": "s$",
    "BRL": "r$",
    "INR": "₹",
    "INR PKR LKR": "rs",
    "KRW": "₩",
    "RUB": "₽",
    "TRY": "₺",
    "UAH": "₴",
    "ILS": "₪",
    "THB": "฿",
    "VND": "₫",
    "PHP": "₱",
    "NGN": "₦",
    "KZT": "₸",
    "GEL": "₾",
    "SEK NOK DKK ISK": "kr",
    "PLN": "zł",
    "CZK": "kč",
    "HUF": "ft",
    "RON": "lei",
    "CHF": "fr sfr",
    "ZAR": "r",
    "IDR": "rp",
    "MYR": "rm",
}
_SIGNS: Final = {
    sign: tuple(codes.split()) for codes, signs in _SIGNS_OF.items() for sign in signs.split()
}
# As Shopify writes them, and spreadsheets in other languages.
_TRUE: Final = frozenset(
    "true yes y 1 x wahr ja vrai oui verdadero sí si vero verdadeiro sim waar sant sann sand"
    " prawda tak pravda ano tosi kyllä igaz igen doğru evet истина да".split()
)
_FALSE: Final = frozenset(
    "false no n 0 falsch nein faux non falso não nao onwaar nee falskt usann falsk nej nei"
    " fałsz nie nepravda ne epätosi ei hamis nem yanlış hayır ложь нет".split()
)


def amount_of(line: int, row: Row, column: str, currency: str, mark: str) -> money_pb2.Money:
    """Returns an amount of a currency, whose sign or code it may have. Raises InvalidImport."""
    text = row[column].strip().lstrip("'")
    plain = _without_sign(line, column, text, currency)
    if _GROUPED[mark].fullmatch(plain):
        plain = plain.replace("." if mark == "," else ",", "")
    if mark == ",":
        plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    try:
        if not _NUMBER.fullmatch(plain):
            raise InvalidOperation
        amount = Decimal(plain)
        # Scaling an exponent that no price has takes time and memory without end.
        if amount.adjusted() > _MOST_DIGITS:
            refuse(line, column, f"{text[:40]!r} is not an amount")
        return Money.from_decimal(amount, currency).to_proto()
    except (InvalidOperation, OverflowError, Invalid) as error:
        if isinstance(error, InvalidImport):
            raise
        refuse(
            line,
            column,
            f"{text[:40]!r} is not an amount of {currency} with the decimal mark {mark or '.'}",
        )


def whole_of(line: int, row: Row, column: str, mark: str = "", *, is_count: bool = False) -> int:
    """Returns a whole number, 0 for none; digits behind the mark are cut off.

    A count has none of them: with three, it may be thousands. Raises InvalidImport.
    """
    plain = _digits(row.get(column, "").strip())
    if not plain:
        return 0
    if mark == ",":
        plain = plain.replace(".", "") if _MAYBE_GROUPED.fullmatch(plain) else plain
        plain = plain.replace(",", ".")
    elif _GROUPED_WHOLE.fullmatch(plain):
        plain = plain.replace(",", "")
    elif is_count and not mark and _MAYBE_GROUPED.fullmatch(plain):
        refuse(line, column, "may be thousands: say the decimal mark of the file")
    try:
        if not _NUMBER.fullmatch(plain):
            raise InvalidOperation
        number = Decimal(plain)
        if number.adjusted() > _MOST_DIGITS:
            refuse(line, column, f"has at most {_MOST_DIGITS} digits")
        if is_count and number != int(number):
            raise InvalidOperation
        return int(number)
    except (InvalidOperation, OverflowError, ValueError) as error:
        if isinstance(error, InvalidImport):
            raise
        refuse(line, column, "is not a whole number")


def truth_of(line: int, row: Row, column: str, *, default: bool) -> bool:
    """Returns a truth value, as spreadsheets in many languages write it. Raises InvalidImport."""
    text = _DIRECTION.sub("", row.get(column, "")).strip().casefold()
    if not text:
        return default
    if text not in _TRUE and text not in _FALSE:
        refuse(line, column, "is TRUE or FALSE")
    return text in _TRUE


def _digits(text: str) -> str:
    """Returns a number without marks of direction and signs that can only part thousands."""
    return _THOUSANDS.sub("", _DIRECTION.sub("", text)).replace("\u066b", ".")


def _without_sign(line: int, column: str, text: str, currency: str) -> str:
    """Returns an amount without its currency. Refuses another currency's."""
    found = _WITH_SIGN.fullmatch(_DIRECTION.sub("", text).strip())
    assert found is not None, "each part may be empty"
    before, amount, after = found.groups()
    for sign in filter(None, (before, after)):
        codes = _SIGNS.get(sign.casefold(), (sign.upper(),))
        if currency not in codes and any(code in CURRENCIES for code in codes):
            refuse(line, column, f"{text[:40]!r} is not in {currency}")
        if currency not in codes:
            return text
    return _digits(amount)
