"""Changes of credit limits by staff, and their end with their customer."""

from typing import Final
from uuid import UUID

from sqlmodel import col, select

from chassis.data.audit import record_audit
from chassis.data.tx import Tx
from checkout.credit_limits import events
from checkout.credit_limits.model import CreditLimit
from checkout.errors.payments import InvalidCreditLimit
from checkout.merchant_settings.actions import (
    Subject,
    delete_setting,
    require_version,
    store_setting,
)

_KIND: Final = "credit_limit"
# One change at a time: two codes for one customer would not see each other.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('credit_limit'))"


async def put_credit_limit(
    tx: Tx, draft: CreditLimit, *, actor_id: UUID, expected_version: int = 0
) -> CreditLimit:
    """Grants or changes a limit by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Emits CreditLimitChanged. Raises InvalidCreditLimit,
    VersionMismatch.
    """
    await tx.fetch(_ONE_AT_A_TIME)
    before = await tx.lock(CreditLimit, draft.code)
    require_version(before, expected_version)
    if before is None:
        await _require_first(tx, draft)
    elif _owner(before) != _owner(draft):
        raise InvalidCreditLimit(
            path="credit_limit.code", problem="it is another buyer's, or in another currency"
        )
    subject = Subject(_KIND, draft.code)
    if await store_setting(tx, subject, draft, before, actor_id=actor_id):
        await tx.emit(events.credit_limit_changed(draft), key=str(subject))
    return draft


async def delete_credit_limit(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Revokes a limit. Idempotent. Emits CreditLimitDeleted. Raises VersionMismatch."""
    before = await tx.lock(CreditLimit, code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    subject = Subject(_KIND, code)
    await delete_setting(tx, subject, before, actor_id=actor_id)
    await tx.emit(events.credit_limit_deleted(code), key=str(subject))


async def forget_credit_limits_of(tx: Tx, customer_id: UUID) -> None:
    """Deletes the limits of an erased customer. Idempotent. Emits CreditLimitDeleted for each."""
    query = (
        select(CreditLimit)
        .where(col(CreditLimit.customer_id) == customer_id)
        .order_by(col(CreditLimit.code))
        .with_for_update()
    )
    for each in await tx.all(query):
        subject = str(Subject(_KIND, each.code))
        await tx.delete(each)
        record_audit(tx, None, f"{_KIND}.delete", subject, after=None)
        await tx.emit(events.credit_limit_deleted(each.code), key=subject)


async def _require_first(tx: Tx, draft: CreditLimit) -> None:
    """Raises InvalidCreditLimit where the buyer has a limit in the currency."""
    query = select(CreditLimit).where(
        col(CreditLimit.customer_id) == draft.customer_id
        if draft.customer_id
        else col(CreditLimit.organization_id) == draft.organization_id,
        CreditLimit.currency == draft.currency,
    )
    other: CreditLimit | None = await tx.one(query)
    if other is not None:
        raise InvalidCreditLimit(
            path="credit_limit.limit", problem=f"{other.code} is the buyer's in this currency"
        )


def _owner(limit: CreditLimit) -> tuple[UUID | None, UUID | None, str]:
    return limit.customer_id, limit.organization_id, limit.currency
