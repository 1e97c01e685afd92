"""The gRPC edge of customers' organizations, as staff keep them."""

from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.customers.actions import set_customer_organizations
from identity.customers.model import Customer
from identity.customers.queries import get_customer
from identity.wiring import Wiring
from sojourn.identity.v1 import customer_organizations_pb2 as pb
from sojourn.identity.v1 import customer_organizations_pb2_grpc as pb_grpc


class CustomerOrganizationServicer(Servicer, pb_grpc.CustomerOrganizationServiceServicer):
    """Organizations of customers."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @read(scope="customers.read")
    async def GetCustomerOrganizations(
        self, request: pb.GetCustomerOrganizationsRequest, call: Call
    ) -> pb.CustomerOrganizations:
        async with call.read() as read:
            return _encode(await get_customer(read, parse_id(request.customer_id, "customer_id")))

    @write(scope="customers.write")
    async def SetCustomerOrganizations(
        self, request: pb.SetCustomerOrganizationsRequest, call: Call
    ) -> pb.CustomerOrganizations:
        async with call.tx() as tx:
            customer = await set_customer_organizations(
                tx,
                parse_id(request.customer_id, "customer_id"),
                [parse_id(each, "organization_ids") for each in request.organization_ids],
                actor=call.caller,
                expected_version=request.expected_version,
            )
        return _encode(customer)


def _encode(customer: Customer) -> pb.CustomerOrganizations:
    return pb.CustomerOrganizations(
        customer_id=str(customer.id),
        organization_ids=map(str, customer.organization_ids),
        version=customer.version,
    )
