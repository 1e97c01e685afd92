"""HTML reduced to plain text: tags and scripts go, paragraphs and list items stay apart."""

import re
import unicodedata
from html.parser import HTMLParser
from typing import Final

_BREAKS: Final = frozenset(
    "p div br li ul ol tr table h1 h2 h3 h4 h5 h6 section article header "
    "footer blockquote pre hr dt dd".split()
)
_HIDDEN: Final = frozenset(
    "script style template noscript iframe object svg math head title".split()
)
_LOOKS_LIKE_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]|&[#a-zA-Z]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?\n ?(?:\s*\n)*")
# Persian needs the non-joiner (U+200C), emoji the joiner (U+200D).
_JOINERS: Final = "\u200c\u200d"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden.append(tag)
        elif tag in _BREAKS:
            self.parts.append("\n• " if tag == "li" else "\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        elif tag in _BREAKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(_SPACES.sub(" ", data.replace("\n", " ")))


def text_of(html: str) -> str:
    """Plain text of HTML.

    Text without markup comes back as it is, but for spaces at its ends and control characters.

    The result may still hold `<` where the source had `&lt;`: it is text, and whoever shows it in a
    page must escape it.
    """
    html = _UNPRINTABLE.sub("", html)
    if not _LOOKS_LIKE_MARKUP.search(html):
        return html.strip()
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = _SPACES.sub(" ", "".join(parser.parts))
    return _LINES.sub("\n", text).strip()


def line_of(text: str) -> str:
    """Text as one line: control characters and line breaks become single spaces.

    Marks without a width go, but for those that join letters and emoji.
    """
    if text.isprintable():
        return text.strip()
    return " ".join("".join(map(_shown, text)).split()).strip(_JOINERS)


def _shown(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return "" if unicodedata.category(character) == "Cf" else " "
