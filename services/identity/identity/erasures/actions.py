"""Use case of an erasure, by a customer or by staff (Regulation (EU) 2016/679, art. 17)."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete
from sqlmodel import col

from chassis.data.audit import record_audit
from chassis.data.idempotency import forget_replies
from chassis.data.statements import one_of, prepare
from chassis.data.tx import Tx
from chassis.email_addresses import parse_email
from chassis.rpc.auth import Caller
from chassis.rpc.errors import VersionMismatch
from chassis.runtime.clock import real_now
from identity import metrics
from identity.credentials.model import Credential
from identity.customers.model import Customer
from identity.devices.model import Device
from identity.erasures.events import customer_erased
from identity.erasures.model import ErasedBy, Erasure
from identity.erasures.queries import find_erasure
from identity.errors import CustomerNotFound
from identity.mail_links.model import LastMail, MailLink
from identity.organizations.actions import forget_invitations
from identity.sessions.actions import revoke_sessions

_CREDENTIAL: Final = prepare(
    delete(Credential).where(col(Credential.subject_id) == bindparam("customer_id"))
)
_DEVICES: Final = prepare(delete(Device).where(col(Device.subject_id) == bindparam("customer_id")))
_LINKS: Final = prepare(
    delete(MailLink).where(col(MailLink.subject_id) == bindparam("customer_id"))
)
_LAST_MAILS: Final = prepare(delete(LastMail).where(one_of(LastMail.key, "keys")))


async def erase_customer(
    tx: Tx, customer_id: UUID, *, by: ErasedBy, actor: Caller, expected_version: int = 0
) -> Erasure:
    """Deletes an account with all that is known of its owner, and ends its sessions.

    Profile, addresses, consents, guests and registrations go with the row of the customer.
    Idempotent: a repeat returns the first erasure. An `expected_version` of 0 accepts any version.
    Emits CustomerErased. Access tokens stay good until they expire, at most 15 minutes, and find no
    account. Raises CustomerNotFound, VersionMismatch.
    """
    customer = await tx.lock(Customer, customer_id)
    if customer is None:
        if known := await find_erasure(tx, customer_id):
            return known
        raise CustomerNotFound
    if expected_version not in (0, customer.version):
        raise VersionMismatch("the customer changed meanwhile", version=customer.version)
    await revoke_sessions(tx, customer_id, real_now())
    await tx.execute(_CREDENTIAL, customer_id=customer_id)
    await tx.execute(_DEVICES, customer_id=customer_id)
    await tx.execute(_LINKS, customer_id=customer_id)
    keys = [customer_id.bytes]
    if customer.email_confirmed_at is not None:
        keys.append(parse_email(customer.email).digest)
        await forget_invitations(tx, customer.email)
    await tx.execute(_LAST_MAILS, keys=keys)
    await forget_replies(tx, [f"customer:{customer_id}"])
    event = customer_erased(customer)
    await tx.delete(customer)
    erasure = Erasure(customer_id=customer_id, erased_by=by, erased_at=tx.now)
    await tx.insert(erasure)
    await tx.emit(event, key=customer_id)
    record_audit(
        tx, actor, "erase_customer", f"customer:{customer_id}", after={"erased_by": by.value}
    )
    metrics.erasures.labels(by.value).inc()
    return erasure
