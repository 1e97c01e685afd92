"""The gRPC edge of customers' groups, as staff keep them."""

from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.customers.actions import set_customer_group
from identity.customers.model import Customer
from identity.customers.queries import get_customer
from identity.wiring import Wiring
from sojourn.identity.v1 import customer_groups_pb2 as pb
from sojourn.identity.v1 import customer_groups_pb2_grpc as pb_grpc


class CustomerGroupServicer(Servicer, pb_grpc.CustomerGroupServiceServicer):
    """Groups of customers."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @read(scope="customers.read")
    async def GetCustomerGroup(
        self, request: pb.GetCustomerGroupRequest, call: Call
    ) -> pb.CustomerGroup:
        async with call.read() as read:
            return _encode(await get_customer(read, parse_id(request.customer_id, "customer_id")))

    @write(scope="customers.write")
    async def SetCustomerGroup(
        self, request: pb.SetCustomerGroupRequest, call: Call
    ) -> pb.CustomerGroup:
        async with call.tx() as tx:
            customer = await set_customer_group(
                tx,
                parse_id(request.customer_id, "customer_id"),
                request.customer_group,
                actor=call.caller,
                expected_version=request.expected_version,
            )
        return _encode(customer)


def _encode(customer: Customer) -> pb.CustomerGroup:
    return pb.CustomerGroup(
        customer_id=str(customer.id),
        customer_group=customer.customer_group,
        version=customer.version,
    )
