"""Rich descriptions: HTML of a closed set of tags, without scripts, styles and frames."""

import re
from typing import Final

import nh3

from catalog.products.plain_text import text_of

_TAGS: Final = frozenset(
    "a b blockquote br caption code del dd div dl dt em figcaption figure h2 h3 h4 h5 h6 hr i img"
    " ins li ol p pre s small span strong sub sup table tbody td tfoot th thead tr u ul".split()
)
# Elements whose content is no text for readers.
_DROPPED: Final = frozenset(
    "script style template noscript iframe object svg math head title".split()
)
_ATTRIBUTES: Final = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP: Final = re.compile(r"<[a-z]", re.IGNORECASE)
_CLEANER: Final = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=set(_DROPPED),
    attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
    url_schemes=set(_SCHEMES),
    link_rel="noopener nofollow",
    strip_comments=True,
)


def rich_of(html: str) -> str:
    """Returns the safe part of HTML; empty for text without markup, which needs none.

    Cleaning what is clean changes nothing.
    """
    html = _UNPRINTABLE.sub("", html)
    if not _MARKUP.search(html):
        return ""
    cleaned = _CLEANER.clean(html).strip()
    return cleaned if _MARKUP.search(cleaned) else ""


def rich_and_plain(html: str) -> tuple[str, str]:
    """Returns the safe HTML of a description, and its text."""
    return rich_of(html), text_of(html)
