"""HTML of staff made safe to show: scripts, event handlers and foreign schemes are removed."""

from typing import Final

import nh3

_SCHEMES: Final = {"http", "https", "mailto", "tel"}
_ATTRIBUTES: Final = {
    **{tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()},
    "*": {"class", "lang", "dir", "title"},
    "img": {"src", "alt", "width", "height", "loading"},
}


def safe_html(html: str) -> str:
    """Returns HTML without what could run or leave the page, well-formed."""
    return nh3.clean(html, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
