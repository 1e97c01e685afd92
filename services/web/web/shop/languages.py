"""Texts, amounts, quantities and days in the language of a browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from starlette.requests import Request

from chassis.money import exponent
from chassis.quantity import PIECE, Quantity
from web.server.languages import preferred_language
from web.shop.model import Amount, Measure

LANGUAGES: Final = ("en", "de")


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the shop's pages."""

    code: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: str) -> str:
        """Returns a text. Raises KeyError for an unknown key."""
        text = self.texts[key]
        return text.format(**values) if values else text

    def text_or(self, key: str, otherwise: str) -> str:
        """Returns a text, or `otherwise` for a key that a newer gateway may have added."""
        return self.texts.get(key, otherwise)

    def money(self, amount: Amount) -> str:
        """Returns an amount, e.g. €12.50 or 12,50 €, with the digits of ISO 4217."""
        digits = exponent(amount.currency)
        value = Decimal(amount.amount_minor).scaleb(-digits)
        pattern = Locale.parse(self.code).currency_formats["standard"]
        formatted = pattern.apply(
            value,
            Locale.parse(self.code),
            currency=amount.currency,
            currency_digits=False,
            force_frac=(digits, digits),
        )
        return str(formatted)

    def quantity(self, measure: Measure) -> str:
        """Returns a quantity, e.g. 2 × or 1.25 KGM."""
        count = Quantity(measure.steps, measure.scale).amount.normalize()
        unit = "×" if measure.unit_code in ("", PIECE) else measure.unit_code
        return f"{format_decimal(count, locale=self.code)} {unit}"

    def day(self, at: datetime | date) -> str:
        day = at.date() if isinstance(at, datetime) else at
        return str(format_date(day, "long", locale=self.code))


def language_of(request: Request) -> Language:
    """Returns the first language of `Accept-Language` that there are texts in; else English."""
    return load_language(preferred_language(request, LANGUAGES))


@cache
def load_language(code: str) -> Language:
    content = (files("web.shop") / "texts" / f"{code}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(content)
    return Language(code, texts)
