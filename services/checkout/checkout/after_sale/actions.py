"""Changes of the settings for what follows a sale."""

from uuid import UUID

from chassis.data.tx import Tx
from checkout.after_sale.model import AfterSaleSettings
from checkout.errors.after_sale import InvalidAfterSaleSettings
from checkout.merchant_settings.actions import Subject, put_setting


async def put_after_sale_settings(
    tx: Tx, draft: AfterSaleSettings, *, actor_id: UUID, expected_version: int = 0
) -> AfterSaleSettings:
    """Sets what holds in a channel. A repeat changes nothing.

    Orders that were placed before follow it too. Raises InvalidAfterSaleSettings, VersionMismatch.
    """
    if not draft.channel.isprintable():
        raise InvalidAfterSaleSettings(path="settings.channel", problem="no channel code")
    subject = Subject("after_sale_settings", draft.channel)
    return await put_setting(
        tx, subject, draft, actor_id=actor_id, expected_version=expected_version
    )
