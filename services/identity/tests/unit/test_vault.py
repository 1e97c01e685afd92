"""Encryption and MACs of the vault."""

import pytest

from chassis.runtime.clock import real_now, uuid7
from identity.signing_keys.model import SigningKey
from identity.vault import MacPurpose, Vault, WrongEncryptionKey

vault = Vault(b"k" * 32)


def test_a_sealed_key_opens_only_with_its_own_key_and_id() -> None:
    key = SigningKey.generate(vault, signs_from=real_now())

    assert key.unsealed(vault).as_dict(private=False)["x"] == key.public_jwk["x"]
    assert "d" not in key.public_jwk
    with pytest.raises(WrongEncryptionKey):
        key.unsealed(Vault(b"l" * 32))
    key.id = uuid7()
    with pytest.raises(WrongEncryptionKey):
        key.unsealed(vault)


def test_marks_of_two_purposes_differ() -> None:
    assert len({vault.mac(purpose, b"m") for purpose in MacPurpose}) == len(MacPurpose)
