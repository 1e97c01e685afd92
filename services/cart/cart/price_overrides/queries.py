"""Reads of the limit of agreed prices."""

from cart.price_overrides.model import PriceOverrideSettings
from chassis.data.tx import Read


async def get_price_override_settings(read: Read, channel: str) -> PriceOverrideSettings:
    """Returns the settings of a channel; before staff set them, no price may be agreed."""
    found = await read.get(PriceOverrideSettings, channel)
    return found or PriceOverrideSettings(channel=channel, most_basis_points=0, version=0)
