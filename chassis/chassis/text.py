"""Text at a border: which characters a text may hold, and its one normal form.

PostgreSQL stores no U+0000, UTF-8 has no surrogates, and control characters forge log lines and
mail headers. Every border (JSON bodies, queries, gRPC requests, documents inside them) applies this
one rule. Normal form is NFC, so that equal texts are equal bytes.
"""

import re
import unicodedata
from typing import Final

from chassis.rpc.errors import Invalid

# C0 without tab, line feed and carriage return; DEL and C1; surrogates; U+FFFE and U+FFFF, which
# are no characters.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS: Final = re.compile("[\t\n\r\u2028\u2029]")
# A name that a stranger chose must not become an advertisement: no scheme, no `www.`, no host with
# a path, no mail address; in a person's name no domain under the most used endings either (an
# organization may be called after its domain).
_LINK: Final = re.compile(
    r"\w\s*:\s*/\s*/|\bwww\s*\.|\w\.\w{2,24}/|\w@[\w-]+\.\w{2,}", re.IGNORECASE
)
_DOMAIN: Final = re.compile(
    r"[\w-]{2,}\.(?:com|net|org|info|biz|shop|xyz|top|site|online|click|link|example|ru|io|cc|app"
    r"|dev|store|live|tk)\b",
    re.IGNORECASE,
)


class InvalidText(Invalid):
    """A text holds control characters, surrogates, or, where it must be one line, line breaks."""


class InvalidName(Invalid):
    """A name holds a link."""


def is_clean(text: str) -> bool:
    """Returns whether a text has only characters that may be stored; tabs and line breaks may."""
    # Every printable ASCII text is clean, and telling so costs a tenth of the search.
    return (text.isascii() and text.isprintable()) or _FORBIDDEN.search(text) is None


def normalize(text: str, *, path: str = "", one_line: bool = False) -> str:
    """Returns the text in NFC.

    `path` names it in the error. `one_line` refuses tabs and line breaks too. Raises InvalidText.
    """
    if text.isascii() and text.isprintable():
        return text
    if _FORBIDDEN.search(text) or (one_line and _LINE_BREAKS.search(text)):
        raise InvalidText(
            "a text holds characters that no text may hold, such as control characters",
            **({"path": path} if path else {}),
        )
    return unicodedata.normalize("NFC", text)


def require_plain_name(text: str, *, path: str, may_be_domain: bool = False) -> str:
    """Returns a name in NFC, on one line.

    `may_be_domain` is for organizations. Raises InvalidText, and InvalidName where it holds a link.
    """
    name = normalize(text, path=path, one_line=True).strip()
    seen = _as_it_is_read(name)
    if _LINK.search(seen) or (not may_be_domain and _DOMAIN.search(seen)):
        raise InvalidName("a name cannot hold a link", path=path)
    return name


def _as_it_is_read(name: str) -> str:
    """Returns a name as programs that make links read it: full-width dots, no invisible signs."""
    plain = unicodedata.normalize("NFKC", name)
    return "".join(one for one in plain if unicodedata.category(one) != "Cf")


def printable(text: str) -> str:
    """Returns a text to quote, with U+FFFD for characters that may not be stored."""
    return _FORBIDDEN.sub("\ufffd", text)
