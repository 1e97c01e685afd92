"""The gRPC edge of organizations, as staff keep them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.ids import parse_id, parse_optional_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.organizations import wire
from identity.organizations.actions import (
    create_organization,
    delete_organization,
    put_member,
    remove_member,
    update_organization,
)
from identity.organizations.model import Organization, OrganizationMember
from identity.organizations.queries import get_organization, list_members, list_organizations
from identity.wiring import Wiring
from sojourn.identity.v1 import organizations_pb2 as pb
from sojourn.identity.v1 import organizations_pb2_grpc as pb_grpc

_READ: Final = "customers.read"
_WRITE: Final = "customers.write"
_USUAL_SIZE: Final = 50


class OrganizationServicer(Servicer, pb_grpc.OrganizationServiceServicer):
    """Organizations and their members, for staff."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @read(scope=_READ)
    async def ListOrganizations(
        self, request: pb.ListOrganizationsRequest, call: Call
    ) -> pb.ListOrganizationsResponse:
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            found = await list_organizations(
                read,
                external_id=request.external_id,
                customer_id=parse_optional_id(request.customer_id, "customer_id"),
                after=_name_and_id(request.page.token),
                limit=size + 1,
            )
        return pb.ListOrganizationsResponse(
            organizations=[wire.encode_organization(one) for one in found[:size]],
            next_page_token=_token_after(found[size - 1]) if len(found) > size else "",
        )

    @read(scope=_READ)
    async def GetOrganization(
        self, request: pb.GetOrganizationRequest, call: Call
    ) -> pb.Organization:
        async with call.read() as read:
            return wire.encode_organization(await get_organization(read, _id_of(request)))

    @write(scope=_WRITE)
    async def CreateOrganization(
        self, request: pb.CreateOrganizationRequest, call: Call
    ) -> pb.Organization:
        async with call.tx() as tx:
            organization = await create_organization(
                tx, request.name, request.external_id, actor=call.caller
            )
        return wire.encode_organization(organization)

    @write(scope=_WRITE)
    async def UpdateOrganization(
        self, request: pb.UpdateOrganizationRequest, call: Call
    ) -> pb.Organization:
        async with call.tx() as tx:
            organization = await update_organization(
                tx,
                _id_of(request),
                wire.decode_changes(request),
                actor=call.caller,
                expected_version=request.expected_version,
            )
        return wire.encode_organization(organization)

    @write(scope=_WRITE)
    async def DeleteOrganization(
        self, request: pb.DeleteOrganizationRequest, call: Call
    ) -> pb.DeleteOrganizationResponse:
        async with call.tx() as tx:
            await delete_organization(
                tx, _id_of(request), actor=call.caller, expected_version=request.expected_version
            )
        return pb.DeleteOrganizationResponse()

    @read(scope=_READ)
    async def ListOrganizationMembers(
        self, request: pb.ListOrganizationMembersRequest, call: Call
    ) -> pb.ListOrganizationMembersResponse:
        organization_id = _id_of(request)
        size = pagination.size_of(request.page.size, default=_USUAL_SIZE)
        async with call.read() as read:
            await get_organization(read, organization_id)
            found = await list_members(
                read, organization_id, after=since_and_id(request.page.token), limit=size + 1
            )
        return pb.ListOrganizationMembersResponse(
            members=[wire.encode_member(*one) for one in found[:size]],
            next_page_token=token_after(found[size - 1][0]) if len(found) > size else "",
        )

    @write(scope=_WRITE)
    async def PutOrganizationMember(
        self, request: pb.PutOrganizationMemberRequest, call: Call
    ) -> pb.OrganizationMember:
        async with call.tx() as tx:
            member, customer = await put_member(
                tx,
                _id_of(request),
                parse_id(request.customer_id, "customer_id"),
                wire.ROLES.decode(request.role),
                actor=call.caller,
            )
        return wire.encode_member(member, customer)

    @write(scope=_WRITE)
    async def RemoveOrganizationMember(
        self, request: pb.RemoveOrganizationMemberRequest, call: Call
    ) -> pb.RemoveOrganizationMemberResponse:
        async with call.tx() as tx:
            await remove_member(
                tx,
                _id_of(request),
                parse_id(request.customer_id, "customer_id"),
                actor=call.caller,
                keeps_manager=False,
            )
        return pb.RemoveOrganizationMemberResponse()


def since_and_id(token: str) -> tuple[datetime, UUID] | None:
    """Returns the member after whom a page begins; None for the first. Raises InvalidPageToken."""
    position = pagination.position_of(token, length=2)
    if position is None:
        return None
    try:
        return datetime.fromisoformat(str(position[0])), UUID(str(position[1]))
    except ValueError as error:
        raise InvalidPageToken from error


def token_after(member: OrganizationMember) -> str:
    """Returns the token of the page that begins behind a member."""
    return pagination.token_of([member.since.isoformat(), str(member.customer_id)])


def _name_and_id(token: str) -> tuple[str, UUID] | None:
    position = pagination.position_of(token, length=2)
    if position is None:
        return None
    try:
        return str(position[0]), UUID(str(position[1]))
    except ValueError as error:
        raise InvalidPageToken from error


def _token_after(organization: Organization) -> str:
    return pagination.token_of([organization.name, str(organization.id)])


def _id_of(
    request: pb.GetOrganizationRequest
    | pb.UpdateOrganizationRequest
    | pb.DeleteOrganizationRequest
    | pb.ListOrganizationMembersRequest
    | pb.PutOrganizationMemberRequest
    | pb.RemoveOrganizationMemberRequest,
) -> UUID:
    return parse_id(request.organization_id, "organization_id")
