"""Secrets of this installation: they encrypt signing keys and authenticate tokens.

All are derived from the key encryption key.
"""

from enum import StrEnum

from chassis.runtime.sealing import Sealer, WrongSeal


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
    """Encrypts signing keys and authenticates tokens."""

    def __init__(self, master_key: bytes) -> None:
        self._sealer = Sealer(master_key, name="sojourn-identity", purposes=MacPurpose)

    def seal(self, plain: bytes, *, context: bytes) -> bytes:
        """Returns a ciphertext that opens only with the same context."""
        return self._sealer.seal(plain, context=context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Returns the plain bytes. Raises WrongEncryptionKey."""
        try:
            return self._sealer.open(sealed, context=context)
        except WrongSeal:
            raise WrongEncryptionKey("KEY_ENCRYPTION_KEY does not open the signing keys") from None

    def mac(self, purpose: MacPurpose, message: bytes) -> bytes:
        """Returns the HMAC of a message: 32 bytes that only this installation can make."""
        return self._sealer.mac(purpose, message)
