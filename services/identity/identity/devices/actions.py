"""Writes of devices."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from identity.devices.model import Device, DeviceToken, create_device_token
from identity.devices.queries import HAS_TOKEN

_ROTATE: Final = prepare(
    update(Device)
    .where(*HAS_TOKEN)
    .values(digest=bindparam("new_digest"), previous_digest=bindparam("old_digest"))
)
_FORGET: Final = prepare(delete(Device).where(col(Device.subject_id) == bindparam("subject_id")))
_DELETE_EXPIRED: Final = prepare(delete(Device).where(col(Device.expires_at) < bindparam("now")))


async def remember_device(
    tx: Tx, token: DeviceToken | None, subject_id: UUID, expires_at: datetime
) -> DeviceToken:
    """Makes a device known to a subject and returns its next token.

    A missing token, or one that is not good, makes a new device.
    """
    rotated = create_device_token(token.device_id) if token else None
    if token and rotated:
        is_good = await tx.execute(
            _ROTATE, device_id=token.device_id, old_digest=token.digest, new_digest=rotated.digest
        )
        rotated = rotated if is_good else None
    current = rotated or create_device_token()
    device = Device(
        id=current.device_id,
        subject_id=subject_id,
        digest=current.digest,
        previous_digest=token.digest if token and rotated else None,
        expires_at=expires_at,
    )
    await tx.upsert_many(Device, [device], update=["expires_at"])
    return current


async def forget_devices(tx: Tx, subject_id: UUID) -> None:
    """Makes all devices of a subject unknown, after a change of their password."""
    await tx.execute(_FORGET, subject_id=subject_id)


async def delete_expired_devices(tx: Tx, now: datetime) -> None:
    """Deletes devices whose time has passed."""
    await tx.execute(_DELETE_EXPIRED, now=now)
