"""Devices that logged in before. A device proves it by a random token, which each login replaces; only its digest is stored.

A token is the device's id and 32 random bytes. The one before the last is good too: a client may lose the answer that holds the last.
Real time.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.data.tx import Read, Tx
from chassis.runtime.clock import uuid7

_ID_BYTES = 16
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceToken:
    """A device's proof."""

    device_id: UUID
    raw: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The form that the client keeps."""
        return base64.urlsafe_b64encode(self.raw).decode().rstrip("=")

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.raw).digest()


def new_token(device_id: UUID | None = None) -> DeviceToken:
    """A token of a device, or of a new one."""
    id = device_id or uuid7()
    return DeviceToken(id, id.bytes + secrets.token_bytes(_SECRET_BYTES))


def parse_token(text: str) -> DeviceToken | None:
    """The token of a text; None for what no device ever got."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return DeviceToken(UUID(bytes=raw[:_ID_BYTES]), raw) if len(raw) == _ID_BYTES + _SECRET_BYTES else None


async def accounts_of(read: Read, token: DeviceToken | None, now: datetime) -> frozenset[UUID]:
    """The subjects that logged in on the device before; none where the token is not good."""
    if token is None:
        return frozenset()
    rows = await read.fetch(
        "SELECT subject_id FROM device WHERE id = %s AND (digest = %s OR previous_digest = %s) AND expires_at > %s",
        [token.device_id, token.digest, token.digest, now],
    )
    return frozenset(subject_id for (subject_id,) in rows)


async def remember(tx: Tx, token: DeviceToken | None, subject_id: UUID, expires_at: datetime) -> DeviceToken:
    """Makes a device known to a subject, and returns its next token. A token that is not good makes a new device."""
    rotated = new_token(token.device_id) if token else None
    if token and rotated:
        is_good = await tx.run(
            "UPDATE device SET digest = %s, previous_digest = %s WHERE id = %s AND (digest = %s OR previous_digest = %s)",
            [rotated.digest, token.digest, token.device_id, token.digest, token.digest],
        )
        rotated = rotated if is_good else None
    current = rotated or new_token()
    await tx.run(
        "INSERT INTO device (id, subject_id, digest, previous_digest, expires_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (id, subject_id) DO UPDATE SET expires_at = excluded.expires_at",
        [current.device_id, subject_id, current.digest, token.digest if token and rotated else None, expires_at],
    )
    return current


async def forget_all(tx: Tx, subject_id: UUID) -> None:
    """Makes every device unknown to a subject: their password changed."""
    await tx.run("DELETE FROM device WHERE subject_id = %s", [subject_id])


async def delete_expired(tx: Tx, now: datetime) -> None:
    await tx.run("DELETE FROM device WHERE expires_at < %s", [now])
