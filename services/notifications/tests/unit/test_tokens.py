from __future__ import annotations

from chassis.runtime.clock import uuid7
from notifications.mails.recipients import digest_address
from notifications.preferences.model import Topic
from notifications.preferences.unsubscribe_tokens import UnsubscribeTokens
from notifications.templates.survey_tokens import create_survey_token, read_survey_token

TOKENS = UnsubscribeTokens("a-secret")


def test_a_survey_token_is_read_with_its_secret_only() -> None:
    order_id, owner_id = uuid7(), uuid7()

    token = create_survey_token("a-secret", order_id=order_id, owner_id=owner_id)

    assert len(token) == 86
    assert read_survey_token("a-secret", token) == (order_id, owner_id)
    assert read_survey_token("another", token) is None
    assert [
        bad
        for bad in ("", "x", token[:-2], token + "AA", "!" + token, token[:-1] + "ä")
        if read_survey_token("a-secret", bad)
    ] == []


def test_an_unsubscribe_token_is_read_with_its_secret_only() -> None:
    digest = digest_address("ana@example.com")

    token = TOKENS.create(digest, Topic.REMINDERS)

    assert TOKENS.read(token) == (digest, Topic.REMINDERS)
    assert UnsubscribeTokens("another").read(token) is None
    for bad in (
        "",
        "x",
        ".reminders",
        token.replace("reminders", "surveys"),
        token.replace("reminders", "transactional"),
        "!" + token,
    ):
        assert TOKENS.read(bad) is None
    assert "ana" not in token
