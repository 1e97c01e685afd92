"""Events about organizations."""

from chassis.rpc.wire import timestamp
from identity.customers.model import Customer
from identity.organizations.model import Organization, OrganizationInvitation
from sojourn.identity.v1.events_pb2 import OrganizationInvitationSent


def invitation_sent(
    invitation: OrganizationInvitation, organization: Organization, inviter: Customer
) -> OrganizationInvitationSent:
    """Builds the event that asks for a mail to whom a manager invited."""
    return OrganizationInvitationSent(
        invitation_id=str(invitation.id),
        organization_id=str(organization.id),
        organization_name=organization.name,
        email=invitation.email,
        locale=inviter.locale,
        channel=inviter.channel,
        expires_at=timestamp(invitation.expires_at),
    )
