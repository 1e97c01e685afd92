"""Reads of devices."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from identity.devices.model import Device, DeviceToken

HAS_TOKEN: Final = (
    col(Device.id) == bindparam("device_id"),
    or_(
        col(Device.digest) == bindparam("old_digest"),
        col(Device.previous_digest) == bindparam("old_digest"),
    ),
)
_SUBJECTS: Final = prepare(
    select(Device.subject_id).where(*HAS_TOKEN, Device.expires_at > bindparam("now"))
)


async def list_subjects_of_device(
    read: Read, token: DeviceToken | None, now: datetime
) -> frozenset[UUID]:
    """Returns the subjects that logged in on the device before; none for a bad token."""
    if token is None:
        return frozenset()
    return frozenset(
        await read.all(_SUBJECTS, device_id=token.device_id, old_digest=token.digest, now=now)
    )
