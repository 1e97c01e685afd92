"""Campaign fields of a landing's address: `utm_*`, and click ids of advertising networks.

Names are those of Google's Campaign URL Builder and of the networks' auto-tagging.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import parse_qsl, unquote

UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
# Click ids, and our own name for any other; of several the first in this order counts.
CLICK_IDS: Final = (
    "click_id",
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "msclkid",
    "fbclid",
    "ttclid",
    "twclid",
    "li_fat_id",
)
NAMES: Final = frozenset({*UTM, *CLICK_IDS})
MOST: Final = 200
_MOST_PARAMETERS: Final = 50
_ESCAPED: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_SPACE: Final = re.compile(r"\s+")


def campaign_name(name: str) -> str:
    """Returns the campaign field that a parameter's name means, or nothing.

    Case does not count, nor does an `amp;` that a mail program left of `&amp;`.
    """
    folded = name.strip().lower()
    while folded.startswith("amp;"):
        folded = folded[4:]
    return folded if folded in NAMES else ""


def parse_campaign(query: str) -> dict[str, str]:
    """Returns the campaign fields of a query, each at most 200 characters, without empty ones.

    Texts are trimmed and in lower case, so that one campaign is one; click ids stay as they are.
    Of a repeated parameter the first value counts. What was encoded twice is decoded twice.
    """
    found: dict[str, str] = {}
    clicks: dict[str, str] = {}
    for name, value in parse_qsl(query.replace("&amp;", "&"))[:_MOST_PARAMETERS]:
        field = campaign_name(name)
        if field in CLICK_IDS:
            if text := value.strip()[:MOST]:
                clicks.setdefault(field, text)
        elif field and (text := fold_campaign(value)):
            found.setdefault(field, text)
    if click := next((clicks[name] for name in CLICK_IDS if name in clicks), ""):
        found["click_id"] = click
    return found


def fold_campaign(value: str) -> str:
    """Returns a campaign text as it is compared: decoded, trimmed, one space, lower case, NFKC."""
    if _ESCAPED.search(value):
        value = unquote(value, errors="ignore")
    text = unicodedata.normalize("NFKC", _SPACE.sub(" ", value).strip().lower())
    return "".join(character for character in text if character.isprintable())[:MOST]
