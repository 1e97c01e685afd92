"""A webhook with the provider's signature whose body is no event is refused by name."""

import hashlib
import hmac
import json

import pytest

from chassis.rpc.errors import Invalid
from chassis.runtime.clock import real_now
from checkout.payments.simulator import connect

SECRET = "a webhook secret"
EVENT = {"id": "e", "type": "payment.captured", "data": {"reference": "r"}}


def signed(body: bytes) -> str:
    at = str(int(real_now().timestamp()))
    signed = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "MALFORMED_WEBHOOK"),
        (b"not JSON", "MALFORMED_WEBHOOK"),
        (b"\xff", "MALFORMED_WEBHOOK"),
        (b"[]", "MALFORMED_WEBHOOK"),
        (b"null", "MALFORMED_WEBHOOK"),
        (b"{}", "MALFORMED_WEBHOOK"),
        (b"[" * 100_000, "MALFORMED_WEBHOOK"),
        (b'{"id": 1, "type": "x", "data": "y"}', "MALFORMED_WEBHOOK"),
        (b'{"id": "\\ud800", "type": "x", "data": {"reference": "r"}}', "INVALID_TEXT"),
        (b'{"id": "e", "type": "x", "data": {"reference": "r\\u0000"}}', "INVALID_TEXT"),
    ],
)
def test_a_signed_body_that_is_no_event_is_refused(
    monkeypatch: pytest.MonkeyPatch, body: bytes, reason: str
) -> None:
    for name, value in {
        "SIMULATOR_URL": "http://simulator",
        "SIMULATOR_API_KEY": "key",
        "WEBHOOK_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    provider = connect(1.0)

    with pytest.raises(Invalid) as refusal:
        provider.verify_webhook(body, signed(body))

    event = json.dumps(EVENT).encode()
    assert refusal.value.reason == reason
    assert provider.verify_webhook(event, signed(event)).reference == "r"
