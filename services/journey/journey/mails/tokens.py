"""Tokens of links and pictures in mails, which notifications signs with the shared secret.

token = base64url(payload ‖ mac) without padding
payload = the fields of `MailAct`, joined by U+001F
mac = HMAC-SHA-256(SURVEY_SECRET, "mail-act:" ‖ payload)
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_MAC_BYTES: Final = 32
_SEPARATOR: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class MailAct:
    """A link of a mail, or its picture, whose `path` is empty."""

    message_id: UUID
    owner_id: UUID
    template: str
    channel: str
    path: str


def read_mail_token(secret: str, token: str) -> MailAct | None:
    """Returns what a token names; None for a token that notifications did not make."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        expected = hmac.digest(secret.encode(), b"mail-act:" + payload, hashlib.sha256)
        if not hmac.compare_digest(mac, expected):
            return None
        message_id, owner_id, template, channel, path = payload.decode().split(_SEPARATOR)
        return MailAct(UUID(message_id), UUID(owner_id), template, channel, path)
    except (binascii.Error, ValueError):
        return None
