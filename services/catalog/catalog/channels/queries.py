"""Reads of channels as staff keep them."""

from typing import Final

from sqlmodel import col, select

from catalog.channels.model import Channel
from catalog.errors import ChannelNotFound
from chassis.data.statements import prepare
from chassis.data.tx import Read

_ALL: Final = prepare(select(Channel).order_by(col(Channel.code)))


async def list_channels(read: Read) -> list[Channel]:
    """Returns all channels, by code."""
    return await read.all(_ALL)


async def get_channel(read: Read, code: str) -> Channel:
    """Returns a channel. Raises ChannelNotFound."""
    channel = await read.get(Channel, code)
    if channel is None:
        raise ChannelNotFound(code=code[:64])
    return channel
