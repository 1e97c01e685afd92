"""Events about logins."""

from uuid import UUID

from identity.credentials.model import Contact
from sojourn.identity.v1.events_pb2 import CustomerLoggedIn, LoginLinkRequested


def customer_logged_in(customer_id: UUID, guest_id: UUID | None) -> CustomerLoggedIn:
    """Builds the event of a customer's login. `guest_id` is the guest who became the customer."""
    return CustomerLoggedIn(
        customer_id=str(customer_id), guest_id=str(guest_id) if guest_id else ""
    )


def login_link_requested(
    subject_id: UUID, contact: Contact | None, token: str, *, valid_seconds: int
) -> LoginLinkRequested:
    """Builds the event that asks for a mail with a login link.

    Without a contact no mail is sent.
    """
    event = LoginLinkRequested(subject_id=str(subject_id), token=token, valid_seconds=valid_seconds)
    if contact is not None:
        event.email, event.locale, event.channel = contact.email, contact.locale, contact.channel
    return event
