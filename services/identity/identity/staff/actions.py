"""Use cases of staff: create a staff member, and the admin of the settings."""

from datetime import datetime
from uuid import UUID

from chassis import telemetry
from chassis.data.database import Database
from chassis.data.tx import Tx
from chassis.email_addresses import parse_email
from chassis.runtime.clock import real_now, uuid7
from identity.credentials.actions import claim_email
from identity.credentials.model import Credential, SubjectKind
from identity.credentials.passwords import Hasher, require_strong_password
from identity.credentials.queries import get_confirmed_credential
from identity.devices.actions import forget_devices
from identity.errors import EmailTaken
from identity.sessions.actions import revoke_sessions
from identity.staff.model import Staff, StaffRole

log = telemetry.log("staff")


async def create_staff(tx: Tx, *, email: str, role: StaffRole, password_hash: str) -> UUID:
    """Creates a staff member and returns the id. `email` is in its normal form.

    Raises EmailTaken, also if a customer confirmed the address.
    """
    staff_id = uuid7()
    credential = Credential(
        email_digest=parse_email(email).digest,
        subject_id=staff_id,
        kind=SubjectKind.STAFF,
        password_hash=password_hash,
        changed_at=real_now(),
    )
    if not await claim_email(tx, credential):
        raise EmailTaken
    await tx.insert(Staff(id=staff_id, email=email, role=role, created_at=tx.now))
    return staff_id


async def ensure_first_admin(
    database: Database, hasher: Hasher, *, email: str, password: str
) -> None:
    """Creates the admin of the settings, or sets their password.

    Raises WeakPassword.

    Idempotent; of two replicas that start together, one does it. A new password ends the admin's
    sessions. If a customer confirmed the address, no admin is created and an error is logged.
    """
    require_strong_password(password, email=email)
    async with database.read() as read:
        credential = await get_confirmed_credential(read, parse_email(email).digest)
    if credential is not None and credential.kind is not SubjectKind.STAFF:
        log.error("STAFF_EMAIL is a customer's address; no admin was created: set another address")
        return
    async with hasher.slot():
        if credential is not None and await hasher.verify(credential.password_hash, password):
            return
        password_hash = await hasher.hash(password)
    async with database.tx() as tx:
        if credential is not None:
            await _set_password(tx, credential, password_hash, real_now())
            return
        try:
            await create_staff(tx, email=email, role=StaffRole.ADMIN, password_hash=password_hash)
        except EmailTaken:
            return
    log.info("created the first admin")


async def _set_password(tx: Tx, credential: Credential, password_hash: str, at: datetime) -> None:
    credential.password_hash, credential.changed_at = password_hash, at
    await tx.update(credential)
    await revoke_sessions(tx, credential.subject_id, at)
    await forget_devices(tx, credential.subject_id)
    log.info("changed the password of the first admin")
