"""The gRPC edge of customers' own data."""

from typing import Final
from uuid import UUID

from chassis.rpc.auth import Caller
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from identity.customers.actions import (
    AddressUpdate,
    add_address,
    remove_address,
    set_consents,
    update_address,
    update_customer,
)
from identity.customers.model import normalize_address, parse_consents
from identity.customers.queries import get_consents, get_customer, list_addresses
from identity.customers.wire import (
    decode_address,
    decode_profile_changes,
    encode_address,
    encode_consents,
    encode_customer,
)
from identity.errors import CustomerNotFound
from identity.registrations.actions import resend_confirmation
from identity.wiring import Wiring
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

_READ: Final = "customers.read"
_WRITE: Final = "customers.write"


class CustomerServicer(Servicer, pb_grpc.CustomerServiceServicer):
    """Data of customers.

    A customer reads and changes their own. A service that acts for a customer reads theirs. Staff
    and services with the scope `customers.read` read all.
    """

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)

    @read()
    async def GetCustomer(self, request: pb.GetCustomerRequest, call: Call) -> pb.Customer:
        customer_id = _readable_customer_id(call.caller, request.customer_id)
        async with call.read() as read:
            return encode_customer(await get_customer(read, customer_id))

    @write()
    async def UpdateCustomer(self, request: pb.UpdateCustomerRequest, call: Call) -> pb.Customer:
        customer_id = _writable_customer_id(call.caller)
        changes = decode_profile_changes(request)
        async with call.tx() as tx:
            customer = await update_customer(
                tx, customer_id, changes, expected_version=request.expected_version
            )
        return encode_customer(customer)

    @write()
    async def ResendConfirmation(
        self, request: pb.ResendConfirmationRequest, call: Call
    ) -> pb.ResendConfirmationResponse:
        customer_id = _writable_customer_id(call.caller)
        async with call.tx(stores_reply=False) as tx:
            await resend_confirmation(tx, customer_id)
        return pb.ResendConfirmationResponse()

    @read()
    async def ListAddresses(
        self, request: pb.ListAddressesRequest, call: Call
    ) -> pb.ListAddressesResponse:
        customer_id = _readable_customer_id(call.caller, request.customer_id)
        async with call.read() as read:
            addresses = await list_addresses(read, customer_id)
        return pb.ListAddressesResponse(
            addresses=[encode_address(address) for address in addresses]
        )

    @write()
    async def AddAddress(self, request: pb.AddAddressRequest, call: Call) -> pb.CustomerAddress:
        customer_id, postal = (
            _writable_customer_id(call.caller),
            normalize_address(decode_address(request.address)),
        )
        async with call.tx() as tx:
            address = await add_address(tx, customer_id, postal, is_default=request.is_default)
        return encode_address(address)

    @write()
    async def UpdateAddress(
        self, request: pb.UpdateAddressRequest, call: Call
    ) -> pb.CustomerAddress:
        customer_id, address_id = _writable_customer_id(call.caller), parse_id(request.address_id)
        postal = normalize_address(decode_address(request.address))
        wanted = AddressUpdate(address_id, postal, request.is_default, request.expected_version)
        async with call.tx() as tx:
            address = await update_address(tx, customer_id, wanted)
        return encode_address(address)

    @write()
    async def RemoveAddress(
        self, request: pb.RemoveAddressRequest, call: Call
    ) -> pb.RemoveAddressResponse:
        customer_id, address_id = _writable_customer_id(call.caller), parse_id(request.address_id)
        async with call.tx() as tx:
            await remove_address(
                tx, customer_id, address_id, expected_version=request.expected_version
            )
        return pb.RemoveAddressResponse()

    @read()
    async def GetConsents(self, request: pb.GetConsentsRequest, call: Call) -> pb.Consents:
        customer_id = _readable_customer_id(call.caller, request.customer_id)
        async with call.read() as read:
            await get_customer(read, customer_id)
            return encode_consents(await get_consents(read, customer_id))

    @write()
    async def SetConsents(self, request: pb.SetConsentsRequest, call: Call) -> pb.Consents:
        customer_id, answers = _writable_customer_id(call.caller), parse_consents(request.granted)
        async with call.tx() as tx:
            consents = await set_consents(tx, customer_id, answers)
        return encode_consents(consents)


def _readable_customer_id(caller: Caller, customer_id: str) -> UUID:
    """Returns the customer whose data the caller reads.

    That is the caller, unless the request names another one. Raises CustomerNotFound, Denied,
    InvalidId.
    """
    if not customer_id:
        return caller.shopper_id
    wanted = parse_id(customer_id)
    caller.must_own(wanted, CustomerNotFound(), or_scope=_READ)
    return wanted


def _writable_customer_id(caller: Caller) -> UUID:
    """Returns the customer whose data the caller changes: the caller.

    Raises Denied, ScopeRequired. A service that acts for a customer also needs the scope
    `customers.write`.
    """
    if caller.kind == "service":
        caller.require(_WRITE)
    return caller.shopper_id
