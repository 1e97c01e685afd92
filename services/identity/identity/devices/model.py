"""Devices that logged in before.

A device proves itself by a random token, which each login replaces. A token is the device's id and
32 random bytes; only its digest is stored. The previous token stays good, because a client may lose
the answer that holds the current one. All times are real time.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from chassis.data.rows import Field, Row
from chassis.runtime.clock import uuid7

_ID_BYTES: Final = 16
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class DeviceToken:
    """The secret by which a device proves itself."""

    device_id: UUID
    raw: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The form that the client stores."""
        return base64.urlsafe_b64encode(self.raw).decode().rstrip("=")

    @property
    def digest(self) -> bytes:
        """The form that the database stores: SHA-256, 32 bytes."""
        return hashlib.sha256(self.raw).digest()


class Device(Row, table=True):
    """A device that is known to a subject until `expires_at`.

    A device has a row per subject. All its rows hold the digests of its last two tokens.
    """

    __tablename__ = "device"

    id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True, index=True)
    digest: bytes
    previous_digest: bytes | None = None
    expires_at: datetime = Field(index=True)


def create_device_token(device_id: UUID | None = None) -> DeviceToken:
    """Returns a new token of a device. Without an id it is a new device's."""
    id = device_id or uuid7()
    return DeviceToken(id, id.bytes + secrets.token_bytes(_SECRET_BYTES))


def parse_device_token(text: str) -> DeviceToken | None:
    """Returns the token of a text, or None if the text does not have the form of a token."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return (
        DeviceToken(UUID(bytes=raw[:_ID_BYTES]), raw)
        if len(raw) == _ID_BYTES + _SECRET_BYTES
        else None
    )
