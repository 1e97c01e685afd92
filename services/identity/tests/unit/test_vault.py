"""Sealed keys, refresh tokens, roles and settings."""

import pytest
from pydantic import ValidationError

from chassis.rpc.errors import InvalidToken
from chassis.runtime.clock import real_now, uuid7
from identity.errors import UnknownRole
from identity.sessions.refresh_tokens import RefreshTokens
from identity.signing_keys.store import SigningKey
from identity.staff.model import SCOPES, Role, role_of
from identity.vault import Purpose, Vault, WrongEncryptionKey
from services.identity.tests.identity_replica import settings

vault = Vault(b"k" * 32)
tokens = RefreshTokens(vault)


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
    assert len({vault.mark(purpose, b"m") for purpose in Purpose}) == len(Purpose)


def test_a_refresh_token_comes_back_and_has_one_successor() -> None:
    session_id = uuid7()
    first = tokens.first(session_id)

    assert tokens.parse(first.text) == first
    assert first.session_id == session_id
    assert tokens.after(first) == tokens.after(first) != first
    assert tokens.parse(tokens.after(first).text).session_id == session_id
    assert tokens.first(session_id) != first


@pytest.mark.parametrize(
    "change", [lambda text: "", lambda text: text[:-4], lambda text: "A" * len(text), lambda text: text + "=", lambda text: "é"]
)
def test_a_refresh_token_that_nobody_made_is_refused(change: object) -> None:
    with pytest.raises(InvalidToken):
        tokens.parse(change(tokens.first(uuid7()).text))  # type: ignore[operator]


def test_a_token_of_another_installation_is_refused() -> None:
    with pytest.raises(InvalidToken):
        tokens.parse(RefreshTokens(Vault(b"l" * 32)).first(uuid7()).text)


def test_each_role_has_scopes_and_an_admin_has_all_of_them() -> None:
    assert set(SCOPES) == set(Role)
    assert all(scopes <= SCOPES[Role.ADMIN] for scopes in SCOPES.values())
    assert "keys.rotate" not in SCOPES[Role.SUPPORT] | SCOPES[Role.FULFILMENT] | SCOPES[Role.CATALOG_MANAGER]
    with pytest.raises(UnknownRole):
        role_of("owner")


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64!"])
def test_a_key_of_another_length_stops_the_start(key: str) -> None:
    with pytest.raises(ValidationError):
        settings(key_encryption_key=key)


def test_a_client_without_a_secret_stops_the_start() -> None:
    with pytest.raises(ValidationError):
        settings(service_clients={"cart": {"secret": ""}})
