"""Secrets of this installation: they encrypt signing keys and authenticate tokens.

All are derived from the key encryption key.
"""

import hmac
import secrets
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES: Final = 12


class WrongEncryptionKey(RuntimeError):
    """The ciphertext was made with another KEY_ENCRYPTION_KEY, or changed."""


class MacPurpose(StrEnum):
    """The use of a derived key. A MAC of one purpose is not valid for another."""

    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - names, not secrets
    REFRESH_SUCCESSOR = "refresh-successor"
    FINGERPRINT = "registration-fingerprint"
    NETWORK = "login-network"
    SALT_OF_ADDRESS = "salt-of-address"


class Vault:
    """Encrypts by AES-256-GCM and authenticates by HMAC-SHA256, each under a key of its own."""

    def __init__(self, master_key: bytes) -> None:
        self._aead = AESGCM(_derive(master_key, "seal"))
        self._keys = {purpose: _derive(master_key, purpose) for purpose in MacPurpose}

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Returns a ciphertext that opens only with the same context."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Returns the plain bytes. Raises WrongEncryptionKey."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
        except InvalidTag:
            raise WrongEncryptionKey("KEY_ENCRYPTION_KEY does not open the signing keys") from None

    def mac(self, purpose: MacPurpose, message: bytes) -> bytes:
        """Returns the HMAC of a message: 32 bytes that only this installation can make."""
        return hmac.digest(self._keys[purpose], message, "sha256")


def _derive(master_key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"sojourn-identity/{purpose}".encode()).derive(
        master_key
    )
