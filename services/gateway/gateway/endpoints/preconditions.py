"""Versions in entity tags: what If-Match names, and the ETag of an answer."""

import hashlib
import re
from typing import Final

from gateway.http.problems import MalformedPrecondition
from sojourn.common.v1 import money_pb2

# A version, the amount that the answer shows, and a digest of the answer.
_TAG: Final = re.compile(
    r'(?:W/)?"(?P<version>\d{1,9})(?:-(?P<amount>\d{1,13})-(?P<currency>[A-Z]{3}))?'
    r'(?:-[0-9a-f]{16})?"'
)
_ANY: Final = "*"
_DIGEST_BYTES: Final = 8


def etag_of(version: int) -> str:
    """Returns the ETag of a resource whose answer changes with its version only."""
    return f'"{version}"'


def content_etag(version: int, body: bytes, amount: money_pb2.Money | None = None) -> str:
    """Returns the weak ETag of an answer that depends on more than its version, such as prices.

    `amount` is the total that the buyer sees, which If-Match then names too.
    """
    priced = f"-{amount.amount_minor}-{amount.currency}" if amount is not None else ""
    digest = hashlib.blake2b(body, digest_size=_DIGEST_BYTES).hexdigest()
    return f'W/"{version}{priced}-{digest}"'


def version_of(if_match: str) -> int:
    """Returns the version that an If-Match header names; 0 for none or `*`.

    Raises MalformedPrecondition.
    """
    text = if_match.strip()
    if not text or text == _ANY:
        return 0
    if (found := _TAG.fullmatch(text)) is None or not 0 < int(found["version"]) < 2**31:
        raise MalformedPrecondition("If-Match is not one of our ETags")
    return int(found["version"])


def amount_of(if_match: str) -> money_pb2.Money | None:
    """Returns the amount that an ETag of `content_etag` names; None for any other."""
    found = _TAG.fullmatch(if_match.strip())
    if found is None or found["amount"] is None:
        return None
    return money_pb2.Money(amount_minor=int(found["amount"]), currency=found["currency"])
