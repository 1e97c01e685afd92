"""The gRPC edge of customers' own data."""

from typing import Final
from uuid import UUID

from chassis.rpc.auth import Caller
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.customers import actions as addressing
from identity.customers import consenting, consents, postal, updating
from identity.customers import model as customers
from identity.customers import queries as addresses
from identity.customers import wire as messages
from identity.customers.updating import Changes
from identity.errors import CustomerNotFound
from identity.registrations import confirmation as confirming
from identity.wiring import Parts
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

_READ: Final = "customers.read"
_WRITE: Final = "customers.write"


class CustomerServicer(Servicer, pb_grpc.CustomerServiceServicer):
    """A customer reaches their own; a service that acts for one reads it; staff and services with `customers.read` read others'."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.database, parts.verifier)

    @read()
    async def GetCustomer(self, request: pb.GetCustomerRequest, call: Call) -> pb.Customer:
        customer_id = _readable(call.caller, request.customer_id)
        async with call.read() as read:
            return messages.customer(await customers.of(read, customer_id))

    @write()
    async def UpdateCustomer(self, request: pb.UpdateCustomerRequest, call: Call) -> pb.Customer:
        customer_id = _own(call.caller)
        changes = Changes(request.first_name, request.last_name, request.phone_number, request.locale)
        async with call.tx() as tx:
            customer = await updating.update(tx, customer_id, changes, expected_version=request.expected_version)
        return messages.customer(customer)

    @write()
    async def ResendConfirmation(self, request: pb.ResendConfirmationRequest, call: Call) -> pb.ResendConfirmationResponse:
        customer_id = _own(call.caller)
        async with call.tx(stores_reply=False) as tx:
            await confirming.resend_confirmation(tx, customer_id)
        return pb.ResendConfirmationResponse()

    @read()
    async def ListAddresses(self, request: pb.ListAddressesRequest, call: Call) -> pb.ListAddressesResponse:
        customer_id = _readable(call.caller, "")
        async with call.read() as read:
            rows = await addresses.all_of(read, customer_id)
        return pb.ListAddressesResponse(addresses=[messages.address(row) for row in rows])

    @write()
    async def AddAddress(self, request: pb.AddAddressRequest, call: Call) -> pb.CustomerAddress:
        customer_id, given = _own(call.caller), postal.normalized(messages.postal_of(request.address))
        async with call.tx() as tx:
            address = await addressing.add(tx, customer_id, given, is_default=request.is_default)
        return messages.address(address)

    @write()
    async def UpdateAddress(self, request: pb.UpdateAddressRequest, call: Call) -> pb.CustomerAddress:
        customer_id, address_id = _own(call.caller), parse_id(request.address_id)
        given = postal.normalized(messages.postal_of(request.address))
        async with call.tx() as tx:
            address = await addressing.change(tx, customer_id, address_id, given, is_default=request.is_default)
        return messages.address(address)

    @write()
    async def RemoveAddress(self, request: pb.RemoveAddressRequest, call: Call) -> pb.RemoveAddressResponse:
        customer_id, address_id = _own(call.caller), parse_id(request.address_id)
        async with call.tx() as tx:
            await addressing.remove(tx, customer_id, address_id)
        return pb.RemoveAddressResponse()

    @read()
    async def GetConsents(self, request: pb.GetConsentsRequest, call: Call) -> pb.Consents:
        customer_id = _readable(call.caller, request.customer_id)
        async with call.read() as read:
            await customers.of(read, customer_id)
            return messages.consents(await consents.all_of(read, customer_id))

    @write()
    async def SetConsents(self, request: pb.SetConsentsRequest, call: Call) -> pb.Consents:
        customer_id, answers = _own(call.caller), consents.answers_of(request.granted)
        async with call.tx() as tx:
            rows = await consenting.set_consents(tx, customer_id, answers)
        return messages.consents(rows)


def _readable(caller: Caller, customer_id: str) -> UUID:
    """Whose data the caller reads: their own, unless they name another and may. Raises CustomerNotFound, Denied, InvalidId."""
    if not customer_id:
        return caller.shopper_id
    wanted = parse_id(customer_id)
    caller.must_own(wanted, CustomerNotFound(), or_scope=_READ)
    return wanted


def _own(caller: Caller) -> UUID:
    """Whose data the caller changes. A service needs `customers.write` besides acting for them. Raises Denied, ScopeRequired."""
    if caller.kind == "service":
        caller.require(_WRITE)
    return caller.shopper_id
