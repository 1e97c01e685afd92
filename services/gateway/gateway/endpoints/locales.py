"""The locale that a request asks for."""

import re
from functools import lru_cache
from typing import Final

_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_WEIGHT: Final = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")
# Texts up to this length are parsed once; longer ones, which no client sends, each time, so that
# they fill no memory.
_SHORT: Final = 256
_LONGEST: Final = 1_024


def locale_of(chosen: str, accept_language: str) -> str:
    """Returns the locale that was chosen, else the one that Accept-Language prefers, else empty."""
    if chosen or not accept_language:
        return chosen
    if len(accept_language) <= _SHORT:
        return _preferred(accept_language)
    return _preferred.__wrapped__(accept_language[:_LONGEST])


@lru_cache(maxsize=1_024)
def _preferred(accept_language: str) -> str:
    """Returns the tag with the highest weight; the first of equals."""
    best, most = "", 0.0
    for part in accept_language.split(","):
        tag, _, weight = part.partition(";")
        matched = _WEIGHT.fullmatch(weight.strip())
        q = float(matched[1]) if matched else 0.0 if weight else 1.0
        if q > most and _LOCALE.fullmatch(tag := tag.strip()):
            best, most = tag, q
    return best
