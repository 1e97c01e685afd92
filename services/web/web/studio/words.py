"""Words, counts, amounts and times of the studio in the language of its reader.

The languages have the same keys. A key of a count has a form for each plural of its language, as
CLDR names them: `people.one`, `people.other`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from starlette.requests import Request

from chassis.money import UnknownCurrency, exponent
from web.server.languages import preferred_language

LANGUAGES: Final = ("en", "de")
# Files of texts: of maps, of insights, of kinds of touchpoints, and of what is watched.
_PARTS: Final = ("", "insights.", "kinds.", "watch.")
_SMALL_RATE: Final = 0.1
# A time in each unit, up to a limit in seconds.
_UNITS: Final = (
    (1, "milliseconds", 0.001),
    (120, "seconds", 1),
    (7_200, "minutes", 60),
    (172_800, "hours", 3_600),
)
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language."""

    code: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Returns a text. Raises KeyError for an unknown key."""
        text = self.texts[key]
        return text.format(**values) if values else text

    def text_or(self, key: str, otherwise: str, **values: object) -> str:
        """Returns a text, or `otherwise` for a key that a newer gateway may have added."""
        return self.text(key, **values) if key in self.texts else otherwise

    def kind(self, name: str) -> str:
        """Returns the name of a kind of touchpoint; a kind of the shop's own is told as it is."""
        return self.text_or(f"kind.{name}", name)

    def count(self, key: str, number: int, **values: object) -> str:
        """Returns a number with its noun, e.g. 1 person."""
        form = Locale.parse(self.code).plural_form(number)
        return self.text(f"{key}.{form}", number=self.number(number), **values)

    def noun(self, key: str, number: int) -> str:
        """Returns the noun of a number alone, e.g. people."""
        form = Locale.parse(self.code).plural_form(number)
        return self.text(f"{key}.{form}", number="").strip()

    def number(self, value: float) -> str:
        return str(format_decimal(round(value), locale=self.code))

    def decimal(self, value: float) -> str:
        """Returns a number with as many decimals as it has, at most three."""
        return str(format_decimal(value, locale=self.code))

    def percent(self, rate: float) -> str:
        """Returns a rate as a percentage, with a decimal where it is small."""
        pattern = "#,##0.0 %" if 0 < abs(rate) < _SMALL_RATE else "#,##0 %"
        return str(format_percent(rate, format=pattern, locale=self.code))

    def duration(self, seconds: float) -> str:
        """Returns a time in the unit that people would use."""
        for limit, unit, size in _UNITS:
            if abs(seconds) < limit:
                value = seconds / size
                is_short = abs(value) < 10 and unit != "milliseconds" and value != int(value)
                return self.text(f"duration.{unit}", number=self._rounded(value, int(is_short)))
        return self.text("duration.days", number=self._rounded(seconds / _DAY_SECONDS, 1))

    def moment(self, at: datetime) -> str:
        """Returns a time with its year and zone, e.g. 1 Mar 2026, 12:00:00 UTC."""
        pattern = self.texts["moment"]
        return str(format_datetime(at.astimezone(UTC), pattern, tzinfo=UTC, locale=self.code))

    def day(self, day: date) -> str:
        return str(format_date(day, "medium", locale=self.code))

    def interval(self, text: str) -> str:
        """Returns the name of an interval by its begin: a day as a date, another one as it is."""
        try:
            return self.day(date.fromisoformat(text))
        except ValueError:
            return text

    def amount(self, minor: int, currency: str) -> str:
        """Returns money, e.g. €19.99 or 19,99 €, with the digits of ISO 4217."""
        try:
            digits = exponent(currency)
        except UnknownCurrency:
            # Imported history names currencies that ISO 4217 does not have any more.
            return self.text("minor_units", currency=currency, number=self.number(minor))
        locale = Locale.parse(self.code)
        formatted = locale.currency_formats["standard"].apply(
            Decimal(minor).scaleb(-digits),
            locale,
            currency=currency,
            currency_digits=False,
            force_frac=(digits, digits),
        )
        return str(formatted)

    def _rounded(self, value: float, digits: int) -> str:
        return str(format_decimal(value, format=f"#,##0.{'0' * digits}", locale=self.code))


def words_of(request: Request, locale: str = "") -> Words:
    """Returns the words of a language that was asked for, else of the browser's."""
    return load_words(locale if locale in LANGUAGES else preferred_language(request, LANGUAGES))


@cache
def load_words(code: str) -> Words:
    texts: dict[str, str] = {}
    for part in _PARTS:
        path = files("web.studio") / "texts" / f"{part}{code}.json"
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return Words(code, texts)
