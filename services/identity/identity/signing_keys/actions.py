"""Use cases of signing keys: the first key, rotation, and the end of old keys."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, update
from sqlmodel import col, select

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from chassis.runtime.clock import real_now
from identity.signing_keys.model import SigningKey
from identity.vault import Vault

# "SJKY": the first start and a rotation run one at a time.
_LOCK: Final = 0x53_4A_4B_59
# Replicas may sign with the old key until their next reload, and clocks differ.
_SLACK_SECONDS: Final = 60
_LOCK_KEYS: Final = prepare(select(func.pg_advisory_xact_lock(_LOCK)))
_SIGNING: Final = prepare(
    select(SigningKey.id).where(col(SigningKey.verifies_until).is_(None)).limit(1)
)
_RETIRE: Final = prepare(
    update(SigningKey)
    .where(col(SigningKey.verifies_until).is_(None))
    .values(verifies_until=bindparam("until"))
)
_DELETE_EXPIRED: Final = prepare(
    delete(SigningKey).where(col(SigningKey.verifies_until) < bindparam("now"))
)


async def create_first_key(tx: Tx, vault: Vault) -> None:
    """Creates a key if there is none.

    Idempotent; of two replicas that start together, one creates it.
    """
    await tx.execute(_LOCK_KEYS)
    if await tx.one(_SIGNING) is None:
        await tx.insert(SigningKey.generate(vault, signs_from=real_now()))


async def rotate_keys(
    tx: Tx, vault: Vault, *, token_seconds: float, publish_delay_seconds: float
) -> SigningKey:
    """Creates a key that signs after the delay.

    The keys before it verify until the last token that they may sign has expired.
    """
    await tx.execute(_LOCK_KEYS)
    key = SigningKey.generate(
        vault, signs_from=real_now() + timedelta(seconds=publish_delay_seconds)
    )
    until = key.signs_from + timedelta(seconds=token_seconds + _SLACK_SECONDS)
    await tx.execute(_RETIRE, until=until)
    await tx.insert(key)
    return key


async def delete_expired_keys(tx: Tx, now: datetime) -> int:
    """Deletes keys that no longer verify, and returns their number."""
    return await tx.execute(_DELETE_EXPIRED, now=now)
