"""Creditor references (ISO 11649), by which a bank transfer names its payment.

Two check digits find a mistyped letter or digit; a letter that is taken for a digit they find 96
times of 97.
"""

import re
from collections.abc import Iterator
from typing import Final
from uuid import UUID

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# 64 bits in base 36.
_LENGTH: Final = 13
_FORM: Final = re.compile(r"(?=(RF\d{2}[0-9A-Z]{13}))")


def creditor_reference(payment_id: UUID) -> str:
    """Returns the reference of a payment, e.g. "RF45 0003…", without spaces."""
    number, text = payment_id.int & (2**64 - 1), ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    body = text.rjust(_LENGTH, "0")
    return f"RF{98 - _remainder(f'{body}RF00'):02}{body}"


def references_in(text: str) -> Iterator[str]:
    """Yields what may be references of ours in the text of a transfer, however it is spaced."""
    packed = re.sub(r"[^0-9A-Z]", "", text.upper())
    for match in _FORM.finditer(packed):
        reference = match.group(1)
        if _remainder(reference[4:] + reference[:4]) == 1:
            yield reference


def _remainder(text: str) -> int:
    return int("".join(str(_DIGITS.index(sign)) for sign in text)) % 97
