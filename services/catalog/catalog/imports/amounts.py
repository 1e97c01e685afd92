"""Amounts and whole numbers as merchants write them in files."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from catalog.errors import InvalidImport
from catalog.imports.csv_files import Row
from catalog.products.refusals import refuse
from chassis.money import Money
from chassis.rpc.errors import Invalid
from sojourn.common.v1 import money_pb2

_MOST_DIGITS: Final = 15
# Without a decimal mark, only an amount with cents tells which sign parts thousands.
_GROUPED: Final = {
    "": re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+"),
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}([. \u00a0\u202f]\d{3})+(,\d+)?"),
}


def amount_of(line: int, row: Row, column: str, currency: str, mark: str) -> money_pb2.Money:
    text = row[column].strip().lstrip("'")
    plain = text
    if _GROUPED[mark].fullmatch(text):
        plain = re.sub(r"[ \u00a0\u202f]", "", text).replace("." if mark == "," else ",", "")
    if mark == ",":
        plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    try:
        amount = Decimal(plain)
        # Scaling an exponent that no price has takes time and memory without end.
        if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
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


def whole_of(line: int, row: Row, column: str) -> int:
    text = row.get(column, "").strip()
    try:
        number = Decimal(text) if text else Decimal(0)
        if number.is_finite() and number.adjusted() > _MOST_DIGITS:
            refuse(line, column, f"has at most {_MOST_DIGITS} digits")
        return int(number)
    except (InvalidOperation, OverflowError, ValueError):
        refuse(line, column, "is not a whole number")
