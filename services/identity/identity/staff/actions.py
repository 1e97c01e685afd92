"""Making members of staff: by command, and the first one from the settings."""

from datetime import datetime
from uuid import UUID

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.email_addresses import parse_email
from chassis.runtime.clock import real_now, uuid7
from identity.credentials import model as credentials
from identity.credentials import passwords
from identity.credentials.model import Credential, SubjectKind
from identity.credentials.passwords import Hasher
from identity.devices import model as devices
from identity.errors import EmailTaken
from identity.sessions import model as sessions
from identity.staff.model import Role, Staff

log = telemetry.log("staff")


async def hire(tx: Tx, *, email: str, role: Role, password_hash: str) -> UUID:
    """Makes a member of staff; `email` is in its normal form. Raises EmailTaken, also where it is a customer's."""
    staff_id = uuid7()
    credential = Credential(
        email_digest=parse_email(email).digest,
        subject_id=staff_id,
        kind=SubjectKind.STAFF,
        password_hash=password_hash,
        changed_at=real_now(),
    )
    if not await credentials.claim(tx, credential):
        raise EmailTaken
    await tx.insert(Staff(id=staff_id, email=email, role=role, created_at=tx.now))
    return staff_id


async def ensure_first(database: Database, hasher: Hasher, *, email: str, password: str) -> None:
    """Makes the admin of the settings, or gives them the password of the settings, which ends their sessions. Idempotent; of two replicas
    that start at once, one does it. An address that a customer has stays the customer's, and an error is logged. Raises WeakPassword."""
    passwords.check(password, email=email)
    async with database.read() as read:
        credential = await credentials.by_digest(read, parse_email(email).digest)
    if credential is not None and credential.kind is not SubjectKind.STAFF:
        log.error("STAFF_EMAIL is a customer's; no admin was made")
        return
    async with hasher.slot():
        if credential is not None and await hasher.verify(credential.password_hash, password):
            return
        password_hash = await hasher.hash(password)
    async with database.tx() as tx:
        if credential is not None:
            await _change_password(tx, credential, password_hash, real_now())
            return
        try:
            await hire(tx, email=email, role=Role.ADMIN, password_hash=password_hash)
        except EmailTaken:
            return
    log.info("made the first member of staff")


async def _change_password(tx: Tx, credential: Credential, password_hash: str, at: datetime) -> None:
    credential.password_hash, credential.changed_at = password_hash, at
    await tx.update(credential)
    await sessions.revoke_all_of(tx, credential.subject_id, at)
    await devices.forget_all(tx, credential.subject_id)
    log.info("changed the password of the first member of staff")
