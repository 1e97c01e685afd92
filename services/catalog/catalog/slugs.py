"""URL parts and sort keys made from titles."""

import hashlib
import re
import unicodedata
from typing import Final

MOST_CHARACTERS: Final = 80
_SPECIAL: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "þ": "th", "ð": "d"}
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_VALID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def is_slug(text: str) -> bool:
    """Returns whether `text` is a slug: lower-case letters, digits, single hyphens, at most 200."""
    return len(text) <= 200 and _VALID.fullmatch(text) is not None


def slug_of(text: str) -> str:
    """The URL part for a title; empty where no letter or digit is left."""
    words = re.findall(r"[a-z0-9]+", _fold(text.lower().translate(_UMLAUTS)))
    slug = "-".join(words)
    return slug if len(slug) <= MOST_CHARACTERS else slug[:MOST_CHARACTERS].rsplit("-", 1)[0]


def distinct(slug: str, identity: str) -> str:
    """Returns a slug with a short mark of `identity`, for a title that another product has.

    The same each time.
    """
    mark = hashlib.sha256(identity.encode()).hexdigest()[:6]
    return f"{slug}-{mark}" if slug else mark


def sort_key_of(title: str) -> str:
    """Returns the sort key of a title without case and accents, at most 64 characters."""
    return " ".join(_fold(title.casefold()).split())[:64]


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
