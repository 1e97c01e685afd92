"""Groups and organizations of customers, as staff keep them, and the erasure of accounts."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.identity.v1.customer_groups_pb2_grpc import CustomerGroupServiceServicer
from sojourn.identity.v1.customer_organizations_pb2_grpc import (
    CustomerOrganizationServiceServicer,
)
from sojourn.identity.v1.erasures_pb2_grpc import ErasureServiceServicer

_PATH: Final = "/v1/staff/customers/{customer_id}/group"
_ORGANIZATIONS: Final = "/v1/staff/customers/{customer_id}/organizations"
ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        rpc=rpc(CustomerGroupServiceServicer.GetCustomerGroup),
        callers=staff("customers.read"),
        touchpoint=None,
        text="The group of a customer.",
    ),
    Endpoint(
        method="PUT",
        path=_PATH,
        rpc=rpc(CustomerGroupServiceServicer.SetCustomerGroup),
        callers=staff("customers.write"),
        touchpoint=None,
        body=WHOLE,
        example={"customer_group": "trade"},
        text="Puts a customer into a group, whose price lists then count, or into none.",
    ),
    Endpoint(
        method="GET",
        path=_ORGANIZATIONS,
        rpc=rpc(CustomerOrganizationServiceServicer.GetCustomerOrganizations),
        callers=staff("customers.read"),
        touchpoint=None,
        text="The organizations of which a customer is a member.",
    ),
    Endpoint(
        method="PUT",
        path=_ORGANIZATIONS,
        rpc=rpc(CustomerOrganizationServiceServicer.SetCustomerOrganizations),
        callers=staff("customers.write"),
        touchpoint=None,
        body=WHOLE,
        example={"organization_ids": ["0190a6e2-0000-7000-8000-000000000009"]},
        text="Makes a customer a member of organizations, whose price lists and credit limits then "
        "count, and of no others. The customer's own token names the first one.",
    ),
    Endpoint(
        method="DELETE",
        path="/v1/staff/customers/{customer_id}",
        rpc=rpc(ErasureServiceServicer.EraseCustomer),
        callers=staff("customers.erase"),
        touchpoint=None,
        status=204,
        text="Erases a customer's account in their name (GDPR, article 17). A repeat is fine.",
    ),
)
