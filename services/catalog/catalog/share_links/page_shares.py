"""Links by which shoppers share pages: a code says all of one, so that none is stored.

A code is the kind of page, its id, a mark of the channel, and random bytes that tell one sharing
from another. It is of lower-case letters and digits, as campaigns are compared without case.
"""

import base64
import binascii
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from catalog.seo.model import SeoKind

# Parameters of the address: the landing names the sharing too.
SOURCE: Final = "share"
MEDIUM: Final = "referral"
_PREFIXES: Final = {SeoKind.PRODUCT: "p", SeoKind.CATEGORY: "c", SeoKind.PAGE: "g"}
_KINDS: Final = {prefix: kind for kind, prefix in _PREFIXES.items()}
_ID_BYTES: Final = 16
_CHANNEL_BYTES: Final = 4
_RANDOM_BYTES: Final = 5
_LENGTH: Final = _ID_BYTES + _CHANNEL_BYTES + _RANDOM_BYTES


@dataclass(frozen=True, slots=True)
class SharedPage:
    """A page of a channel that somebody shared."""

    kind: SeoKind
    owner_id: UUID
    channel: str


def new_code(page: SharedPage) -> str:
    """Returns the code of a new sharing of a page: 41 characters."""
    raw = page.owner_id.bytes + _mark(page.channel) + secrets.token_bytes(_RANDOM_BYTES)
    return _PREFIXES[page.kind] + base64.b32encode(raw).decode().lower()


def page_of_code(code: str, channels: Iterable[str]) -> SharedPage | None:
    """Returns the page of a code; None for one of another origin or of a channel that is gone."""
    kind = _KINDS.get(code[:1])
    try:
        raw = base64.b32decode(code[1:].upper().encode())
    except (binascii.Error, ValueError):
        return None
    if kind is None or len(raw) != _LENGTH:
        return None
    mark = raw[_ID_BYTES : _ID_BYTES + _CHANNEL_BYTES]
    channel = next((each for each in channels if _mark(each) == mark), None)
    return SharedPage(kind, UUID(bytes=raw[:_ID_BYTES]), channel) if channel else None


def campaign_of(code: str) -> dict[str, str]:
    """Returns the parameters of the address that a sharing leads to."""
    return {"utm_source": SOURCE, "utm_medium": MEDIUM, "utm_content": code}


def _mark(channel: str) -> bytes:
    return zlib.crc32(channel.encode()).to_bytes(_CHANNEL_BYTES)
