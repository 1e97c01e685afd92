"""Encryption and authentication under keys that are derived from one master key."""

import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12


class WrongSeal(RuntimeError):
    """The ciphertext was made with another key or for another context, or changed."""


class Sealer:
    """Encrypts by AES-256-GCM and authenticates by HMAC-SHA256, each under a key of its own.

    `name` tells installations' uses of one master key apart; a MAC of one of the `purposes` is not
    valid for another.
    """

    def __init__(self, master_key: bytes, *, name: str, purposes: Iterable[str]) -> None:
        self._aead = AESGCM(_derive(master_key, f"{name}/seal"))
        self._keys = {
            purpose: _derive(master_key, f"{name}/{purpose}") for purpose in map(str, purposes)
        }

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Returns a ciphertext that opens only with the same context."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Returns the plain bytes. Raises WrongSeal."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except InvalidTag:
            raise WrongSeal from None

    def mac(self, purpose: str, message: bytes) -> bytes:
        """Returns the HMAC of a message: 32 bytes that only a holder of the key can make."""
        return hmac.digest(self._keys[str(purpose)], message, "sha256")


def _derive(master_key: bytes, info: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=info.encode()).derive(master_key)
