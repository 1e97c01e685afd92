"""Codes of gift cards: how they are made, found and kept."""

import secrets
import unicodedata
from enum import StrEnum
from typing import Final
from uuid import UUID

from chassis.runtime.sealing import Sealer

# Without letters and digits that look alike: 5 bits a character.
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# 80 bits: guessing one of a million cards takes 10^18 tries.
_LENGTH: Final = 16
_GROUP: Final = 4
SHORTEST: Final = 8
LONGEST: Final = 32
# Categories of Unicode: spaces, dashes, quotation marks, and signs that nobody sees.
_BETWEEN: Final = frozenset({"Zs", "Pd", "Pi", "Pf", "Cc", "Cf"})
# Shown of a code, so that people tell cards apart.
_SHOWN: Final = 4


class _Purpose(StrEnum):
    CODE = "gift-card-code"


def new_code() -> str:
    """Returns a random code."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def normalize_code(typed: str) -> str:
    """Returns a code without its case, and without all that mails and phones put around letters."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(each for each in plain if unicodedata.category(each) not in _BETWEEN)


def ending_of(code: str) -> str:
    """Returns the last characters of a code in its normal form."""
    return code[-_SHOWN:]


def shown_code(code: str) -> str:
    """Returns a code in groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


class GiftCardCodes:
    """Hashes codes, by which cards are found, and seals them for the mail."""

    def __init__(self, master_key: bytes) -> None:
        self._sealer = Sealer(master_key, name="sojourn-checkout", purposes=_Purpose)

    def hash(self, code: str) -> bytes:
        """Returns the keyed hash of a code, however it is typed."""
        return self._sealer.mac(_Purpose.CODE, normalize_code(code).encode())

    def seal(self, code: str, card_id: UUID) -> bytes:
        """Returns a code that only `open` reads, for the same card."""
        return self._sealer.seal(code.encode(), context=card_id.bytes)

    def open(self, sealed: bytes, card_id: UUID) -> str:
        """Returns the code of a card. Raises WrongSeal."""
        return self._sealer.open(sealed, context=card_id.bytes).decode()
