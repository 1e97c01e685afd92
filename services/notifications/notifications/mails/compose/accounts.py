"""Mails about accounts."""

from datetime import UTC, timedelta
from uuid import UUID

from notifications.mails.compose.variables import digest_token, truncate
from notifications.mails.model import NewMail
from notifications.templates.model import (
    ACCOUNT_ERASED,
    CONFIRM_EMAIL,
    EMAIL_IN_USE,
    LOGIN_LINK,
    ORGANIZATION_INVITATION,
    WELCOME,
)
from sojourn.identity.v1 import events_pb2 as identity_pb2


def compose_confirm_email(event: identity_pb2.EmailConfirmationRequested) -> NewMail:
    """Asks for a confirmation of an address.

    The mail holds no text that was typed at the registration.
    """
    return NewMail(
        dedupe_key=f"confirm-email:{digest_token(event.token)}",
        template=CONFIRM_EMAIL,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )


def compose_email_in_use(event: identity_pb2.KnownEmailRegistered) -> NewMail:
    """Tells the owner of an account that another person registered with their address."""
    return NewMail(
        dedupe_key=f"email-in-use:{event.customer_id}",
        template=EMAIL_IN_USE,
        recipient=event.email,
        variables={},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.owner_id),
    )


def compose_account_erased(event: identity_pb2.CustomerErased) -> NewMail:
    """Tells the owner of an account, for the last time, that it is gone.

    The mail names no owner: its row is all that is known of them until it is sent.
    """
    return NewMail(
        dedupe_key=f"account-erased:{digest_token(event.customer_id)}",
        template=ACCOUNT_ERASED,
        recipient=event.email,
        variables={},
        locale=event.locale,
        channel=event.channel,
    )


def compose_organization_invitation(event: identity_pb2.OrganizationInvitationSent) -> NewMail:
    """Tells whom a manager of an organization invited. Each change of an invitation is a mail."""
    expires_at = event.expires_at.ToDatetime(UTC)
    return NewMail(
        dedupe_key=f"organization-invitation:{event.invitation_id}:{expires_at:%Y%m%dT%H%M%S}",
        template=ORGANIZATION_INVITATION,
        recipient=event.email,
        variables={
            "organization": truncate(event.organization_name),
            "expires_on": (expires_at - timedelta(days=1)).date(),
        },
        locale=event.locale,
        channel=event.channel,
    )


def compose_login_link(event: identity_pb2.LoginLinkRequested) -> NewMail:
    return NewMail(
        dedupe_key=f"login-link:{digest_token(event.token)}",
        template=LOGIN_LINK,
        recipient=event.email,
        variables={"token": event.token},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.subject_id),
    )


def compose_welcome(
    event: identity_pb2.EmailConfirmed | identity_pb2.CustomerRegistered,
) -> NewMail:
    return NewMail(
        dedupe_key=f"welcome:{event.customer_id}",
        template=WELCOME,
        recipient=event.email,
        variables={"first_name": truncate(event.first_name)},
        locale=event.locale,
        channel=event.channel,
        owner_id=UUID(event.customer_id),
    )
