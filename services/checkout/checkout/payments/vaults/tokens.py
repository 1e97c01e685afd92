"""Tokens of payment providers and pages to return to, as buyers send them."""

import re
from typing import Final
from urllib.parse import urlsplit

from checkout.errors.payments import CardDataRefused, InvalidPaymentToken, InvalidReturnUrl

_TOKEN: Final = re.compile(r"[A-Za-z0-9_\-]{3,200}")
_UNSAFE_IN_URL: Final = re.compile(r"[\s\\<>\"']")
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DIGITS: Final = re.compile(r"\d{12,}")
# A card number has at most 19 digits (ISO/IEC 7812); none in use has fewer than 12.
_LONGEST_PAN: Final = 19


def accept_return_url(url: str) -> str:
    """Returns the URL of a page to which the buyer's bank may lead back.

    It is absolute and https, or http on this machine, for development; it names no user. An empty
    one leads nowhere. Raises InvalidReturnUrl.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidReturnUrl from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)
    is_plain = url.isascii() and url.isprintable() and not _UNSAFE_IN_URL.search(url)
    if url and not (host and is_safe and is_plain and "@" not in parts.netloc):
        raise InvalidReturnUrl
    return url


def accept_token(token: str) -> str:
    """Returns the token.

    Raises InvalidPaymentToken, or CardDataRefused for a card number (ISO/IEC 7812 length and Luhn
    digit).
    """
    if looks_like_card_number(token):
        raise CardDataRefused
    if not _TOKEN.fullmatch(token):
        raise InvalidPaymentToken
    return token


def looks_like_card_number(text: str) -> bool:
    """Returns whether `text` holds a card number, also one with separators.

    12 to 19 digits alone always count as one.
    """
    packed = re.sub(r"[\s_.\-]", "", text)
    if packed.isdecimal() and 12 <= len(packed) <= _LONGEST_PAN:
        return True
    return any(len(run) <= _LONGEST_PAN and _has_luhn_digit(run) for run in _DIGITS.findall(packed))


def _has_luhn_digit(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
