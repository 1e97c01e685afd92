"""Credentials: who logs in with which password. They hold no address, only its digest."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chassis.db import Read, Tx
from chassis.rows import Row


class SubjectKind(StrEnum):
    """Whose session it is."""

    GUEST = "guest"
    CUSTOMER = "customer"
    STAFF = "staff"


@dataclass(kw_only=True)
class Credential(Row, table="credential", key=("email_digest",)):
    """A password. One address has one, whether customer's or staff's. `changed_at` is real time; a rehash does not change it."""

    email_digest: bytes
    subject_id: UUID
    kind: SubjectKind
    password_hash: str
    changed_at: datetime


async def claim(tx: Tx, credential: Credential) -> bool:
    """Stores a credential; False where the address has one. Waits for a transaction that is just claiming the same."""
    return bool(
        await tx.run(
            "INSERT INTO credential (email_digest, subject_id, kind, password_hash, changed_at) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [credential.email_digest, credential.subject_id, credential.kind, credential.password_hash, credential.changed_at],
        )
    )


async def rehash(tx: Tx, credential: Credential, password_hash: str) -> None:
    """Stores the same password under newer parameters, unless it was changed meanwhile."""
    await tx.run(
        "UPDATE credential SET password_hash = %s WHERE email_digest = %s AND password_hash = %s",
        [password_hash, credential.email_digest, credential.password_hash],
    )


async def by_digest(read: Read, email_digest: bytes) -> Credential | None:
    return await read.find_one(Credential, "WHERE email_digest = %s", [email_digest])


async def by_subject(read: Read, subject_id: UUID) -> Credential | None:
    return await read.find_one(Credential, "WHERE subject_id = %s", [subject_id])
