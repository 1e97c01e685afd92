"""Reads of registrations and confirmation links."""

from uuid import UUID

from chassis.data.tx import Read
from chassis.rpc.errors import KeyReused
from chassis.runtime.clock import real_now
from identity.credentials.queries import get_credential_of_subject
from identity.errors import ConfirmationTokenNotFound
from identity.mail_links.model import MailPurpose
from identity.mail_links.queries import find_mail_link
from identity.registrations.model import Registration


async def find_registered_customer(read: Read, key: str, fingerprint: bytes) -> UUID | None:
    """Returns the customer whom this request made before, or None.

    Raises KeyReused if the key came with another request, or if the password changed since: the
    request proves the old one.
    """
    found = await read.get(Registration, key) if key else None
    if found is None:
        return None
    credential = await get_credential_of_subject(read, found.customer_id)
    if (
        found.fingerprint != fingerprint
        or credential is None
        or credential.changed_at > found.created_at
    ):
        raise KeyReused("this key came with another request before")
    return found.customer_id


async def get_customer_of_confirmation(read: Read, token: str) -> UUID:
    """Returns the customer whose address a token confirms. Raises ConfirmationTokenNotFound."""
    link = await find_mail_link(read, MailPurpose.CONFIRM_EMAIL, token, real_now())
    if link is None:
        raise ConfirmationTokenNotFound("the link is unknown or expired: ask for another")
    return link.subject_id
