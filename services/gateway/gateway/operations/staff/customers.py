"""Groups of customers, as staff keep them, and the erasure of accounts."""

from typing import Final

from gateway.contracts.rpc import rpc
from gateway.endpoints.access import staff
from gateway.endpoints.endpoint import WHOLE, Endpoint
from sojourn.identity.v1.customer_groups_pb2_grpc import CustomerGroupServiceServicer
from sojourn.identity.v1.erasures_pb2_grpc import ErasureServiceServicer

_PATH: Final = "/v1/staff/customers/{customer_id}/group"
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
        method="DELETE",
        path="/v1/staff/customers/{customer_id}",
        rpc=rpc(ErasureServiceServicer.EraseCustomer),
        callers=staff("customers.erase"),
        touchpoint=None,
        status=204,
        text="Erases a customer's account in their name (GDPR, article 17). A repeat is fine.",
    ),
)
