"""Messages to webhooks are signed as Standard Webhooks says, and go to https alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from chassis.runtime.clock import real_now, uuid7
from chassis.runtime.sealing import WrongSeal
from journey.errors import InvalidWebhook
from journey.insights.model import Measure
from journey.webhooks.actions import WebhookFacts
from journey.webhooks.model import InsightWebhook, WebhookSecrets, signature_of


def test_a_signature_is_the_one_of_the_standard() -> None:
    # The example of the specification.
    key = base64.b64decode("plJ3nmyCDGBKInavdOK15jsl")
    body = b'{"event_type":"ping","data":{"success":true}}'

    made = signature_of(key, "msg_loFOjxBNrRLzqYUf", 1731705121, body)

    signed = b"msg_loFOjxBNrRLzqYUf.1731705121." + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert made == f"v1,{expected}" == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="


def test_a_secret_is_told_once_and_sealed_for_its_webhook() -> None:
    secrets, id = WebhookSecrets(b"k" * 32), uuid7()

    told, sealed = secrets.create(id)

    key = base64.b64decode(told.removeprefix("whsec_"))
    assert len(key) == 32
    assert key not in sealed
    assert secrets.open(a_webhook(id=id, secret=sealed)) == key
    with pytest.raises(WrongSeal):
        secrets.open(a_webhook(id=uuid7(), secret=sealed))


@pytest.mark.parametrize(
    ("maps", "measures", "is_for_all", "wants"),
    [
        ([], [], True, True),
        ([], [], False, False),
        (["tea"], [Measure.ERRORS], False, True),
        (["tea"], [Measure.PEOPLE], True, False),
        (["coffee"], [], True, False),
    ],
)
def test_a_webhook_is_told_what_it_asks_for(
    maps: list[str], measures: list[Measure], is_for_all: bool, wants: bool
) -> None:
    webhook = a_webhook(maps=maps, measures=measures)

    assert webhook.wants("tea", Measure.ERRORS, is_for_all=is_for_all) is wants
    webhook.is_active = False
    assert not webhook.wants("tea", Measure.ERRORS, is_for_all=is_for_all)


def a_webhook(**facts: Any) -> InsightWebhook:
    usual = {
        "id": uuid7(),
        "name": "Chat",
        "url": "https://a.example/",
        "secret": b"",
        "maps": [],
        "measures": [],
        "created_by": uuid7(),
        "created_at": real_now(),
        "changed_at": real_now(),
    }
    return InsightWebhook(**{**usual, **facts})


@pytest.mark.parametrize(
    "url", ["http://a.example/", "https://u:p@a.example/", "https://", "ftp://a.example/", "a b"]
)
def test_only_an_https_url_is_taken(url: str) -> None:
    with pytest.raises(InvalidWebhook):
        WebhookFacts("Chat", url, [], [Measure.ERRORS]).require_sound()
