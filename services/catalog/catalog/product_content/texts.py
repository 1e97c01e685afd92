"""Texts by locale, as requests and imports give them."""

from collections.abc import Mapping
from typing import Final

from catalog.channels.model import LOCALE
from catalog.products.refusals import refuse, require_at_most

MOST_LOCALES: Final = 50


def texts_of(given: Mapping[str, str], line: int, field: str) -> dict[str, str]:
    """Texts by locale, in the order of locales.

    Raises InvalidImport where a key is no language tag.
    """
    require_at_most(MOST_LOCALES, len(given), line, field, "languages")
    for locale in given:
        if not LOCALE.fullmatch(locale):
            refuse(line, f"{field}[{locale[:20]!r}]", "is not a BCP 47 language tag")
    return {locale: given[locale] for locale in sorted(given)}
