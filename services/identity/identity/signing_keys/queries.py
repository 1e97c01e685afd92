"""Reads of signing keys."""

from datetime import datetime
from typing import Final

from sqlmodel import col, or_, select

from chassis.data.isolation import Loop, find_readable
from chassis.data.tx import Read
from identity.signing_keys.model import SigningKey

LOOP: Final = Loop("signing_keys")


async def list_verifying_keys(read: Read, now: datetime) -> list[SigningKey]:
    """Returns keys whose tokens are good, the youngest first. Skips rows that cannot be read."""
    is_good = or_(col(SigningKey.verifies_until).is_(None), col(SigningKey.verifies_until) > now)
    return await find_readable(
        read,
        SigningKey,
        select(SigningKey).where(is_good).order_by(col(SigningKey.signs_from).desc()),
        loop=LOOP,
    )
