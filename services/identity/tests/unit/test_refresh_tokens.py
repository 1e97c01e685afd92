"""Refresh tokens and their successors."""

import pytest

from chassis.rpc.errors import InvalidToken
from chassis.runtime.clock import uuid7
from identity.sessions.refresh_tokens import RefreshTokens
from identity.vault import Vault

tokens = RefreshTokens(Vault(b"k" * 32))


def test_a_refresh_token_comes_back_and_has_one_successor() -> None:
    session_id = uuid7()
    first = tokens.first(session_id)

    assert tokens.parse(first.text) == first
    assert first.session_id == session_id
    assert tokens.successor_of(first) == tokens.successor_of(first) != first
    assert tokens.parse(tokens.successor_of(first).text).session_id == session_id
    assert tokens.first(session_id) != first


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-4],
        lambda text: "A" * len(text),
        lambda text: text + "=",
        lambda text: "é",
    ],
)
def test_a_refresh_token_that_nobody_made_is_refused(change: object) -> None:
    with pytest.raises(InvalidToken):
        tokens.parse(change(tokens.first(uuid7()).text))  # type: ignore[operator]


def test_a_token_of_another_installation_is_refused() -> None:
    with pytest.raises(InvalidToken):
        tokens.parse(RefreshTokens(Vault(b"l" * 32)).first(uuid7()).text)
