"""Events about registrations and confirmations."""

from uuid import UUID

from identity.credentials.model import Contact, Credential
from identity.customers.model import Customer
from identity.mail_links.model import VALID_SECONDS, MailPurpose
from sojourn.identity.v1.events_pb2 import (
    CustomerRegistered,
    EmailConfirmationRequested,
    EmailConfirmed,
    KnownEmailRegistered,
)


def customer_registered(customer: Customer, guest_id: UUID | None) -> CustomerRegistered:
    """Builds the event of a registration. `guest_id` is the guest who became the customer."""
    return CustomerRegistered(
        customer_id=str(customer.id),
        guest_id=str(guest_id) if guest_id else "",
        email=customer.email,
        first_name=customer.first_name,
        locale=customer.locale,
        channel=customer.channel,
        confirmation_requested=True,
    )


def email_confirmation_requested(customer: Customer, token: str) -> EmailConfirmationRequested:
    """Builds the event that asks for a mail with a link that confirms the customer's address."""
    return EmailConfirmationRequested(
        customer_id=str(customer.id),
        email=customer.email,
        token=token,
        locale=customer.locale,
        channel=customer.channel,
        valid_seconds=VALID_SECONDS[MailPurpose.CONFIRM_EMAIL],
    )


def email_confirmed(customer: Customer) -> EmailConfirmed:
    """Builds the event of a confirmed address."""
    return EmailConfirmed(
        customer_id=str(customer.id),
        email=customer.email,
        first_name=customer.first_name,
        locale=customer.locale,
        channel=customer.channel,
    )


def known_email_registered(
    customer: Customer, owner: Credential, contact: Contact
) -> KnownEmailRegistered:
    """Builds the event that tells the owner of an address that `customer` registered with it."""
    return KnownEmailRegistered(
        owner_id=str(owner.subject_id),
        email=contact.email,
        locale=contact.locale,
        channel=contact.channel,
        customer_id=str(customer.id),
    )
