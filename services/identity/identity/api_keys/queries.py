"""Reads of API keys."""

from typing import Final

from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Read
from identity.api_keys.model import ApiKey

_NEWEST_FIRST: Final = prepare(select(ApiKey).order_by(col(ApiKey.id).desc()))


async def list_api_keys(read: Read) -> list[ApiKey]:
    """Returns all keys, the newest first."""
    return await read.all(_NEWEST_FIRST)
