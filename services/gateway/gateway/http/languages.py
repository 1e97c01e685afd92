"""Languages that a client accepts (RFC 9110, section 12.5.4)."""

import re
from functools import lru_cache
from typing import Final

_LOCALE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_WEIGHT: Final = re.compile(r"q\s*=\s*([01](?:\.\d{0,3})?)")
# Headers up to this length are parsed once; longer ones, which no browser sends, each time, so that
# they fill no memory.
_SHORT: Final = 256
_LONGEST: Final = 1_024
_MOST_LOCALES: Final = 4


def accepted_locales(accept_language: str) -> tuple[str, ...]:
    """Returns the BCP 47 tags of an `Accept-Language`, best first, at most four.

    Tags of equal weight keep their order. A weight of 0, `*` and what is no tag are left out.
    """
    if len(accept_language) <= _SHORT:
        return _parse(accept_language)
    return _parse.__wrapped__(accept_language[:_LONGEST])


@lru_cache(maxsize=1_024)
def _parse(accept_language: str) -> tuple[str, ...]:
    weights: dict[str, float] = {}
    for part in accept_language.split(","):
        tag, _, weight = (text.strip() for text in part.partition(";"))
        matched = _WEIGHT.fullmatch(weight)
        quality = float(matched[1]) if matched else 0.0 if weight else 1.0
        if quality > 0 and _LOCALE.fullmatch(tag):
            weights.setdefault(tag, quality)
    return tuple(sorted(weights, key=lambda tag: -weights[tag]))[:_MOST_LOCALES]
