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
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, or_, update
from sqlmodel import col, select

from chassis.data.rows import Field, Row
from chassis.data.statements import prepare
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


class Device(Row, table=True):
    """A device that is known to a subject, until `expires_at`. All rows of a device have its last two tokens, by their digests."""

    __tablename__ = "device"

    id: UUID = Field(primary_key=True)
    subject_id: UUID = Field(primary_key=True, index=True)
    digest: bytes
    previous_digest: bytes | None = None
    expires_at: datetime = Field(index=True)


_HAS_TOKEN: Final = (
    col(Device.id) == bindparam("device_id"),
    or_(col(Device.digest) == bindparam("old_digest"), col(Device.previous_digest) == bindparam("old_digest")),
)
_SUBJECTS: Final = prepare(select(Device.subject_id).where(*_HAS_TOKEN, Device.expires_at > bindparam("now")))
_ROTATE: Final = prepare(update(Device).where(*_HAS_TOKEN).values(digest=bindparam("new_digest"), previous_digest=bindparam("old_digest")))
_FORGET_ALL: Final = prepare(delete(Device).where(col(Device.subject_id) == bindparam("subject_id")))
_DELETE_EXPIRED: Final = prepare(delete(Device).where(col(Device.expires_at) < bindparam("now")))


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
    return frozenset(await read.all(_SUBJECTS, device_id=token.device_id, old_digest=token.digest, now=now))


async def remember(tx: Tx, token: DeviceToken | None, subject_id: UUID, expires_at: datetime) -> DeviceToken:
    """Makes a device known to a subject, and returns its next token. A token that is not good makes a new device."""
    rotated = new_token(token.device_id) if token else None
    if token and rotated:
        is_good = await tx.execute(_ROTATE, device_id=token.device_id, old_digest=token.digest, new_digest=rotated.digest)
        rotated = rotated if is_good else None
    current = rotated or new_token()
    device = Device(
        id=current.device_id,
        subject_id=subject_id,
        digest=current.digest,
        previous_digest=token.digest if token and rotated else None,
        expires_at=expires_at,
    )
    await tx.upsert_many(Device, [device], update=["expires_at"])
    return current


async def forget_all(tx: Tx, subject_id: UUID) -> None:
    """Makes every device unknown to a subject: their password changed."""
    await tx.execute(_FORGET_ALL, subject_id=subject_id)


async def delete_expired(tx: Tx, now: datetime) -> None:
    await tx.execute(_DELETE_EXPIRED, now=now)
