"""Reads of the settings for what follows a sale."""

from chassis.data.tx import Read
from checkout.after_sale.model import AfterSaleSettings


async def get_after_sale_settings(read: Read, channel: str) -> AfterSaleSettings:
    """Returns what holds in a channel; version 0 where nothing was set for it."""
    found = await read.get(AfterSaleSettings, channel)
    return found or AfterSaleSettings(channel=channel, version=0)
