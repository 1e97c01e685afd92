"""Languages of texts for buyers, by BCP 47 tags."""

from collections.abc import Mapping
from typing import Final

# Texts of the platform's own are in these; the first one stands in for any other language.
LANGUAGES: Final = ("en", "de")


def language_of(locale: str) -> str:
    """Returns the language of LANGUAGES that is nearest to a locale, e.g. "de" for "de-AT"."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else LANGUAGES[0]


def localized(texts: Mapping[str, str], locale: str) -> str:
    """Returns the text of a locale's language. `texts` has one for each of LANGUAGES."""
    return texts[language_of(locale)]
