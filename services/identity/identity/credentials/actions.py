"""Writes of credentials."""

from typing import Final

from sqlalchemy import bindparam, update
from sqlmodel import col

from chassis.data.statements import prepare
from chassis.data.tx import Tx
from identity.credentials.model import Credential, UnconfirmedCredential

_REHASH: Final = prepare(
    update(Credential)
    .where(
        col(Credential.subject_id) == bindparam("subject"),
        col(Credential.password_hash) == bindparam("old_hash"),
    )
    .values(password_hash=bindparam("new_hash"))
)
_REHASH_UNCONFIRMED: Final = prepare(
    update(UnconfirmedCredential)
    .where(
        col(UnconfirmedCredential.customer_id) == bindparam("subject"),
        col(UnconfirmedCredential.password_hash) == bindparam("old_hash"),
    )
    .values(password_hash=bindparam("new_hash"))
)


async def claim_email(tx: Tx, credential: Credential) -> bool:
    """Stores a credential; returns False if its address has one.

    Waits for a concurrent transaction that claims the same address.
    """
    return await tx.insert_new(credential)


async def store_newer_hash(
    tx: Tx, credential: Credential | UnconfirmedCredential, password_hash: str
) -> None:
    """Stores the same password under newer parameters, unless the password changed meanwhile."""
    statement = _REHASH if isinstance(credential, Credential) else _REHASH_UNCONFIRMED
    await tx.execute(
        statement,
        subject=credential.subject_id,
        old_hash=credential.password_hash,
        new_hash=password_hash,
    )
