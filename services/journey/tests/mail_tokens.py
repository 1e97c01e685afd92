"""Tokens of mails as notifications makes them: the format is a contract of both services."""

from __future__ import annotations

import base64
import hashlib
import hmac

from services.journey.tests.journey_world import an_id


def mail_token(
    secret: str, *, path: str, template: str = "survey", message: str = "M", owner: str = "C"
) -> str:
    fields = (str(an_id(message)), str(an_id(owner)), template, "default", path)
    payload = "\x1f".join(fields).encode()
    mac = hmac.digest(secret.encode(), b"mail-act:" + payload, hashlib.sha256)
    return base64.urlsafe_b64encode(payload + mac).decode().rstrip("=")
