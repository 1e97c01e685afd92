"""Kinds of touchpoints: their rule, and how names of other tools become kinds."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from journey.errors import InvalidTouchpoint

MOST_KIND: Final = 128
_KIND: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def parse_kind(text: str) -> str:
    """Returns a kind: words of lower case letters of any script, digits and _, joined by dots.

    At most 128 characters, in NFC. Raises InvalidTouchpoint.
    """
    if len(text) <= MOST_KIND and (_KIND.fullmatch(text) or _is_kind(text)):
        return text
    raise InvalidTouchpoint(
        "a kind is at most 128 characters: words of lower case letters, digits and _, joined by "
        "dots",
        field="kind",
    )


def _is_kind(text: str) -> bool:
    return (
        text == unicodedata.normalize("NFC", text.lower())
        and all(text.split("."))
        and all(_is_of_word(character) or character == "." for character in text)
    )


def _is_of_word(character: str) -> bool:
    """Returns whether a character is a letter, a digit, _, or a mark of a letter, as Hindi has."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=4_096)
def normalize_kind(text: str) -> str:
    """Returns the kind that a name of another tool becomes: `Köp nu` is `köp_nu`.

    Raises InvalidTouchpoint if nothing is left, or more than 128 characters.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).lower())
    if _KIND.fullmatch(folded):
        return parse_kind(folded)
    kept = "".join(one if _is_of_word(one) or one == "." else "_" for one in folded)
    words = (re.sub("_+", "_", word).strip("_") for word in kept.split("."))
    return parse_kind(".".join(word for word in words if word))
