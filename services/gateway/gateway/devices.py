"""Forms of clients, told from their user agents.

The list of bots is small and honest: crawlers, previews and headless browsers that say what they
are. A bot that pretends to be a browser is not told apart. Libraries such as curl are no bots here,
because storefronts call the gateway from servers of their own. An iPad with a desktop's user agent
counts as a desktop.
"""

import re
from functools import lru_cache
from typing import Final

from starlette.types import Scope

BOT: Final = "bot"
_MOST_BYTES: Final = 1_000
# Cubot makes phones.
_BOTS: Final = re.compile(
    rb"(?<!cu)bot\b|crawl|spider|slurp|headlesschrome|phantomjs|chrome-lighthouse"
    rb"|facebookexternalhit|mediapartners-google|google-inspectiontool|ia_archiver|bingpreview",
    re.IGNORECASE,
)
_TABLETS: Final = re.compile(rb"ipad|tablet|kindle|silk/|android(?!.*mobile)", re.IGNORECASE)
_PHONES: Final = re.compile(rb"iphone|ipod|mobile|windows phone", re.IGNORECASE)
_DESKTOPS: Final = re.compile(rb"windows nt|macintosh|x11|cros ", re.IGNORECASE)
_FORMS: Final = (
    (BOT, _BOTS),
    ("tablet", _TABLETS),
    ("phone", _PHONES),
    ("desktop", _DESKTOPS),
)


def device_of(scope: Scope) -> str:
    """Returns bot, tablet, phone or desktop; empty if the user agent does not tell."""
    for name, value in scope.get("headers", ()):
        if name == b"user-agent":
            return _form_of(value[:_MOST_BYTES])
    return ""


@lru_cache(maxsize=2_048)
def _form_of(user_agent: bytes) -> str:
    return next((form for form, pattern in _FORMS if pattern.search(user_agent)), "")
