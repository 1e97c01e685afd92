"""Changes of the reasons for returns by staff."""

from uuid import UUID

from chassis.data.tx import Tx
from checkout.errors.after_sale import TooManyReturnReasons
from checkout.merchant_settings.actions import (
    Subject,
    delete_setting,
    put_setting,
    require_version,
)
from checkout.returns.model import MOST_REASONS, ReturnReason


async def put_return_reason(
    tx: Tx, draft: ReturnReason, *, actor_id: UUID, expected_version: int = 0
) -> ReturnReason:
    """Creates or replaces a reason by its code. A repeat changes nothing.

    Raises TooManyReturnReasons, VersionMismatch.
    """
    subject = Subject("return_reason", draft.code)
    stored = await put_setting(
        tx, subject, draft, actor_id=actor_id, expected_version=expected_version
    )
    row = await tx.fetch_one("SELECT count(*) FROM return_reason")
    if row is not None and row[0] > MOST_REASONS:
        raise TooManyReturnReasons(most=MOST_REASONS)
    return stored


async def delete_return_reason(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a reason. Idempotent. Raises VersionMismatch."""
    before = await tx.lock(ReturnReason, code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    await delete_setting(tx, Subject("return_reason", code), before, actor_id=actor_id)
