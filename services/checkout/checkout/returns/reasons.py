"""Changes of the reasons for returns by staff."""

from uuid import UUID

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from chassis.rpc.errors import VersionMismatch
from checkout.errors import TooManyReturnReasons
from checkout.returns.model import MOST_REASONS, ReturnReason


async def put_return_reason(
    tx: Tx, draft: ReturnReason, *, actor_id: UUID, expected_version: int = 0
) -> ReturnReason:
    """Creates or replaces a reason by its code. A repeat changes nothing.

    Raises TooManyReturnReasons, VersionMismatch.
    """
    # Two writers of a new reason meet here.
    draft.version = 1
    is_new = await tx.insert_new(draft)
    before = None if is_new else await tx.lock(ReturnReason, draft.code)
    version = before.version if before else 0
    if expected_version not in (0, version):
        raise VersionMismatch("the reason changed meanwhile", version=version)
    if before is not None:
        draft.version = before.version
        if draft == before:
            return before
        await tx.update(draft)
    elif (row := await tx.fetch_one("SELECT count(*) FROM return_reason")) and (
        row[0] > MOST_REASONS
    ):
        raise TooManyReturnReasons(most=MOST_REASONS)
    record_audit(
        tx, actor_id, "return_reason.put", f"return_reason:{draft.code}",
        before=before.model_dump(mode="json") if before else None,
        after=draft.model_dump(mode="json"),
    )  # fmt: skip
    return draft


async def delete_return_reason(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a reason. Idempotent. Raises VersionMismatch."""
    before = await tx.lock(ReturnReason, code) if code.isprintable() else None
    if before is None:
        return
    if expected_version not in (0, before.version):
        raise VersionMismatch("the reason changed meanwhile", version=before.version)
    await tx.run("DELETE FROM return_reason WHERE code = %s", [code])
    record_audit(
        tx, actor_id, "return_reason.delete", f"return_reason:{code}",
        before=before.model_dump(mode="json"), after=None,
    )  # fmt: skip
