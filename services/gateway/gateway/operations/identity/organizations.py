"""Organizations that buy, and their members, as staff keep them."""

from typing import Final

from gateway.contracts.query_models import Parameters
from gateway.contracts.rpc import rpc
from gateway.endpoints.access import SHOPPER, staff
from gateway.endpoints.endpoint import KIB, WHOLE, Endpoint
from sojourn.identity.v1.organizations_pb2_grpc import (
    MyOrganizationServiceServicer,
    OrganizationServiceServicer,
)

_SMALL: Final = 16 * KIB
_READ: Final = staff("customers.read")
_WRITE: Final = staff("customers.write")
_MINE: Final = "/v1/me/organizations"
_ONE_OF_MINE: Final = f"{_MINE}/{{organization_id}}"
_COLLEAGUES: Final = f"{_ONE_OF_MINE}/members"
_INVITATIONS: Final = f"{_ONE_OF_MINE}/invitations"
_STAFF: Final = "/v1/staff/organizations"
_ORGANIZATION: Final = f"{_STAFF}/{{organization_id}}"
_MEMBERS: Final = f"{_ORGANIZATION}/members"
PUBLIC_TEXT: Final = "Organizations for which a customer buys, their members and invitations."
PUBLIC_ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_MINE,
        rpc=rpc(MyOrganizationServiceServicer.ListMyOrganizations),
        callers=SHOPPER,
        touchpoint=None,
        text="The organizations for which the caller may buy, and those that invited the address "
        "that they confirmed. Choose one with `POST /v1/sessions/refresh`.",
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE_OF_MINE}/acceptance",
        rpc=rpc(MyOrganizationServiceServicer.AcceptInvitation),
        callers=SHOPPER,
        touchpoint=None,
        most_bytes=_SMALL,
        text="Accepts the invitation of an organization. A repeat is fine.",
    ),
    Endpoint(
        method="DELETE",
        path=_ONE_OF_MINE,
        rpc=rpc(MyOrganizationServiceServicer.LeaveOrganization),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Leaves an organization, or declines its invitation. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path=_COLLEAGUES,
        rpc=rpc(MyOrganizationServiceServicer.ListColleagues),
        callers=SHOPPER,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Members of an organization, for its managers, and on the first page its invitations.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_COLLEAGUES}/{{customer_id}}",
        rpc=rpc(MyOrganizationServiceServicer.SetColleagueRole),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        most_bytes=_SMALL,
        example={"role": "manager"},
        text="Changes the role of a member, as a manager.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_COLLEAGUES}/{{customer_id}}",
        rpc=rpc(MyOrganizationServiceServicer.RemoveColleague),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Ends a membership, as a manager. A repeat is fine.",
    ),
    Endpoint(
        method="POST",
        path=_INVITATIONS,
        rpc=rpc(MyOrganizationServiceServicer.InviteColleague),
        callers=SHOPPER,
        touchpoint=None,
        body=WHOLE,
        status=201,
        most_bytes=_SMALL,
        example={"email": "bo@example.com", "role": "buyer"},
        text="Invites an address by mail, as a manager. The answer does not tell whether there is "
        "such a customer.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_INVITATIONS}/{{invitation_id}}",
        rpc=rpc(MyOrganizationServiceServicer.WithdrawInvitation),
        callers=SHOPPER,
        touchpoint=None,
        status=204,
        text="Withdraws an invitation, as a manager. A repeat is fine.",
    ),
)
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_STAFF,
        rpc=rpc(OrganizationServiceServicer.ListOrganizations),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Organizations by name, also the one of an external id, or those of a customer.",
    ),
    Endpoint(
        method="POST",
        path=_STAFF,
        rpc=rpc(OrganizationServiceServicer.CreateOrganization),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        status=201,
        most_bytes=_SMALL,
        example={"name": "Miller & Sons", "external_id": "C-1042"},
        text="Makes an organization. Price lists, credit limits and tax exemptions take its id.",
    ),
    Endpoint(
        method="GET",
        path=_ORGANIZATION,
        rpc=rpc(OrganizationServiceServicer.GetOrganization),
        callers=_READ,
        touchpoint=None,
        text="An organization.",
    ),
    Endpoint(
        method="PATCH",
        path=_ORGANIZATION,
        rpc=rpc(OrganizationServiceServicer.UpdateOrganization),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        needs_version=True,
        most_bytes=_SMALL,
        example={"active": False},
        text="Changes an organization: what you send. Members of one that is not active buy for "
        "themselves, from their next refresh on.",
    ),
    Endpoint(
        method="DELETE",
        path=_ORGANIZATION,
        rpc=rpc(OrganizationServiceServicer.DeleteOrganization),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        text="Deletes an organization with its memberships; its orders stay. A repeat is fine.",
    ),
    Endpoint(
        method="GET",
        path=_MEMBERS,
        rpc=rpc(OrganizationServiceServicer.ListOrganizationMembers),
        callers=_READ,
        touchpoint=None,
        query=Parameters(defaults={"page_size": 50}),
        text="Members of an organization, the earliest first.",
    ),
    Endpoint(
        method="PUT",
        path=f"{_MEMBERS}/{{customer_id}}",
        rpc=rpc(OrganizationServiceServicer.PutOrganizationMember),
        callers=_WRITE,
        touchpoint=None,
        body=WHOLE,
        most_bytes=_SMALL,
        example={"role": "manager"},
        text="Makes a customer a member of an organization, or changes their role.",
    ),
    Endpoint(
        method="DELETE",
        path=f"{_MEMBERS}/{{customer_id}}",
        rpc=rpc(OrganizationServiceServicer.RemoveOrganizationMember),
        callers=_WRITE,
        touchpoint=None,
        status=204,
        text="Ends a membership. A repeat is fine.",
    ),
)
