"""Changes of the settings for what follows a sale."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from checkout.after_sale.model import AfterSaleSettings
from checkout.errors import InvalidAfterSaleSettings


async def put_after_sale_settings(
    tx: Tx, draft: AfterSaleSettings, *, actor_id: UUID, expected_version: int = 0
) -> AfterSaleSettings:
    """Sets what holds in a channel. A repeat changes nothing.

    Orders that were placed before follow it too. Raises InvalidAfterSaleSettings, VersionMismatch.
    """
    if not draft.channel.isprintable():
        raise InvalidAfterSaleSettings(path="settings.channel", problem="no channel code")
    # One row a channel: two writers of the first one meet here.
    draft.version = 1
    is_new = await tx.insert_new(draft)
    before = None if is_new else await tx.lock(AfterSaleSettings, draft.channel)
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the settings changed meanwhile", version=version)
    if before is not None:
        draft.version = before.version
        if draft == before:
            return before
        await tx.update(draft)
    record_audit(
        tx, actor_id, "after_sale_settings.put", f"after_sale_settings:{draft.channel}",
        before=before.model_dump(mode="json") if before else None,
        after=draft.model_dump(mode="json"),
    )  # fmt: skip
    return draft
