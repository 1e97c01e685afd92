"""The gRPC edge of a customer's organizations, and of those who manage one."""

from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.email_addresses import normalize_email
from chassis.rpc.auth import Caller
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from chassis.runtime.clock import real_now
from identity.credentials.model import SubjectKind
from identity.customers.queries import get_customer
from identity.errors import CustomersOnly
from identity.organizations import wire
from identity.organizations.actions import (
    accept_invitation,
    invite,
    leave,
    remove_member,
    set_role,
    withdraw_invitation,
)
from identity.organizations.queries import (
    list_invitations,
    list_invitations_to,
    list_members,
    list_memberships,
    require_manager,
)
from identity.servicers.organizations import since_and_id, token_after
from identity.wiring import Wiring
from sojourn.identity.v1 import organizations_pb2 as pb
from sojourn.identity.v1 import organizations_pb2_grpc as pb_grpc

_USUAL_SIZE: Final = 50


class MyOrganizationServicer(Servicer, pb_grpc.MyOrganizationServiceServicer):
    """Organizations of the customer who calls."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)
        self._allows_test_domains = wiring.settings.allows_test_domains

    @read()
    async def ListMyOrganizations(
        self, request: pb.ListMyOrganizationsRequest, call: Call
    ) -> pb.ListMyOrganizationsResponse:
        customer_id = _customer(call.caller)
        async with call.read() as read:
            customer = await get_customer(read, customer_id)
            memberships = await list_memberships(read, customer_id)
            invitations = await list_invitations_to(read, customer, real_now())
        known = {organization.id for organization, _ in memberships}
        return pb.ListMyOrganizationsResponse(
            organizations=[
                *(
                    wire.encode_mine(organization, member.role, is_invited=False)
                    for organization, member in memberships
                ),
                *(
                    wire.encode_mine(organization, invitation.role, is_invited=True)
                    for organization, invitation in invitations
                    if organization.id not in known
                ),
            ]
        )

    @write()
    async def AcceptInvitation(
        self, request: pb.AcceptInvitationRequest, call: Call
    ) -> pb.MyOrganization:
        _customer(call.caller)
        async with call.tx() as tx:
            organization, member = await accept_invitation(
                tx, _id(request.organization_id), actor=call.caller
            )
        return wire.encode_mine(organization, member.role, is_invited=False)

    @write()
    async def LeaveOrganization(
        self, request: pb.LeaveOrganizationRequest, call: Call
    ) -> pb.LeaveOrganizationResponse:
        _customer(call.caller)
        async with call.tx() as tx:
            await leave(tx, _id(request.organization_id), actor=call.caller)
        return pb.LeaveOrganizationResponse()

    @read()
    async def ListColleagues(
        self, request: pb.ListColleaguesRequest, call: Call
    ) -> pb.ListColleaguesResponse:
        customer_id, organization_id = _customer(call.caller), _id(request.organization_id)
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        after = since_and_id(request.page.token)
        async with call.read() as read:
            await require_manager(read, organization_id, customer_id)
            found = await list_members(read, organization_id, after=after, limit=size + 1)
            invited = await list_invitations(read, organization_id, real_now()) if not after else []
        return pb.ListColleaguesResponse(
            members=[wire.encode_member(*one) for one in found[:size]],
            invitations=[wire.encode_invitation(one) for one in invited],
            next_page_token=token_after(found[size - 1][0]) if len(found) > size else "",
        )

    @write()
    async def SetColleagueRole(
        self, request: pb.SetColleagueRoleRequest, call: Call
    ) -> pb.OrganizationMember:
        _customer(call.caller)
        async with call.tx() as tx:
            member, customer = await set_role(
                tx,
                _id(request.organization_id),
                parse_id(request.customer_id, "customer_id"),
                wire.ROLES.decode(request.role),
                actor=call.caller,
            )
        return wire.encode_member(member, customer)

    @write()
    async def RemoveColleague(
        self, request: pb.RemoveColleagueRequest, call: Call
    ) -> pb.RemoveColleagueResponse:
        customer_id, organization_id = _customer(call.caller), _id(request.organization_id)
        async with call.tx() as tx:
            await require_manager(tx, organization_id, customer_id)
            await remove_member(
                tx,
                organization_id,
                parse_id(request.customer_id, "customer_id"),
                actor=call.caller,
                keeps_manager=True,
            )
        return pb.RemoveColleagueResponse()

    @write()
    async def InviteColleague(
        self, request: pb.InviteColleagueRequest, call: Call
    ) -> pb.OrganizationInvitation:
        _customer(call.caller)
        email = normalize_email(request.email, allows_test_domains=self._allows_test_domains)
        async with call.tx() as tx:
            invitation = await invite(
                tx,
                _id(request.organization_id),
                email,
                wire.ROLES.decode(request.role),
                actor=call.caller,
            )
        return wire.encode_invitation(invitation)

    @write()
    async def WithdrawInvitation(
        self, request: pb.WithdrawInvitationRequest, call: Call
    ) -> pb.WithdrawInvitationResponse:
        _customer(call.caller)
        async with call.tx() as tx:
            await withdraw_invitation(
                tx,
                _id(request.organization_id),
                parse_id(request.invitation_id, "invitation_id"),
                actor=call.caller,
            )
        return pb.WithdrawInvitationResponse()


def _customer(caller: Caller) -> UUID:
    """Returns the customer who calls. Raises CustomersOnly."""
    if caller.kind != SubjectKind.CUSTOMER or caller.acted_by is not None:
        raise CustomersOnly
    return caller.person_id


def _id(organization_id: str) -> UUID:
    return parse_id(organization_id, "organization_id")
