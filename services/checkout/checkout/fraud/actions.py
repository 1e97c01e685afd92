"""Changes of limits and settings against fraud, by staff."""

from typing import Final
from uuid import UUID

from sqlmodel import func, select

from chassis.data.tx import Tx
from checkout.errors.fraud import InvalidFraudLimit, InvalidFraudSettings
from checkout.fraud.model import MOST_LIMITS, FraudLimit, FraudSettings
from checkout.fraud.queries import GROUP
from checkout.merchant_settings.actions import (
    Subject,
    delete_setting,
    put_setting,
    require_version,
    store_setting,
)

_LIMIT: Final = "fraud_limit"


async def put_fraud_limit(
    tx: Tx, draft: FraudLimit, *, actor_id: UUID, expected_version: int = 0
) -> FraudLimit:
    """Creates or replaces a limit by code. A repeat changes nothing.

    An `expected_version` of 0 accepts any. Raises InvalidFraudLimit, VersionMismatch.
    """
    await GROUP.lock(tx)
    before = await tx.lock(FraudLimit, draft.code)
    require_version(before, expected_version)
    if before is None:
        count = await tx.one(select(func.count()).select_from(FraudLimit)) or 0
        if count >= MOST_LIMITS:
            raise InvalidFraudLimit(
                path="limit.code", problem=f"there are {MOST_LIMITS} limits: delete one first"
            )
    if await store_setting(tx, Subject(_LIMIT, draft.code), draft, before, actor_id=actor_id):
        await GROUP.revise(tx)
    return draft


async def delete_fraud_limit(
    tx: Tx, code: str, *, actor_id: UUID, expected_version: int = 0
) -> None:
    """Deletes a limit. Idempotent. Raises VersionMismatch."""
    await GROUP.lock(tx)
    before = await tx.lock(FraudLimit, code) if code.isprintable() else None
    if before is None:
        return
    require_version(before, expected_version)
    await delete_setting(tx, Subject(_LIMIT, code), before, actor_id=actor_id)
    await GROUP.revise(tx)


async def put_fraud_settings(
    tx: Tx, draft: FraudSettings, *, actor_id: UUID, expected_version: int = 0
) -> FraudSettings:
    """Sets what signals and scores do in a channel. A repeat changes nothing.

    Reviews that are open keep their deadline. Raises InvalidFraudSettings, VersionMismatch.
    """
    if not draft.channel.isprintable():
        raise InvalidFraudSettings(path="settings.channel", problem="no channel code")
    await GROUP.lock(tx)
    subject = Subject("fraud_settings", draft.channel)
    stored = await put_setting(
        tx, subject, draft, actor_id=actor_id, expected_version=expected_version
    )
    await GROUP.revise(tx)
    return stored
