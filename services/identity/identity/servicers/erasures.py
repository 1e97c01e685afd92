"""The gRPC edge of erasures."""

from uuid import UUID

from chassis.email_addresses import parse_email
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, write
from identity.credentials.model import SubjectKind
from identity.credentials.passwords import SALT_BYTES
from identity.customers.queries import get_customer
from identity.devices.model import parse_device_token
from identity.erasures.actions import erase_customer
from identity.erasures.model import ErasedBy, Erasure
from identity.erasures.queries import find_erasure
from identity.erasures.wire import encode_erasure
from identity.errors import CustomersOnly, WrongCredentials
from identity.logins.actions import verify_password
from identity.logins.model import LoginAttempt
from identity.vault import MacPurpose
from identity.wiring import Wiring
from sojourn.identity.v1 import erasures_pb2 as pb
from sojourn.identity.v1 import erasures_pb2_grpc as pb_grpc


class ErasureServicer(Servicer, pb_grpc.ErasureServiceServicer):
    """Erasures of accounts."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)
        self._wiring = wiring

    @write()
    async def EraseMyAccount(
        self, request: pb.EraseMyAccountRequest, call: Call
    ) -> pb.ErasedAccount:
        caller = call.caller
        if caller.kind != SubjectKind.CUSTOMER or caller.subject_id is None:
            raise CustomersOnly("log in to the account", kind=caller.kind)
        known = await self._verify(caller.subject_id, request)
        if known is not None:
            return encode_erasure(known)
        async with call.tx(stores_reply=False) as tx:
            erasure = await erase_customer(
                tx, caller.subject_id, by=ErasedBy.CUSTOMER, actor=caller
            )
        return encode_erasure(erasure)

    @write(scope="customers.erase")
    async def EraseCustomer(self, request: pb.EraseCustomerRequest, call: Call) -> pb.ErasedAccount:
        async with call.tx(stores_reply=False) as tx:
            erasure = await erase_customer(
                tx,
                parse_id(request.customer_id, "customer_id"),
                by=ErasedBy.STAFF,
                actor=call.caller,
                expected_version=request.expected_version,
            )
        return encode_erasure(erasure)

    async def _verify(self, customer_id: UUID, request: pb.EraseMyAccountRequest) -> Erasure | None:
        """Verifies the password as a login does, failures counted.

        Returns the erasure of an account that is gone: it has no password any more. Raises
        WrongCredentials, TooManyAttempts, LoginLinkRequired, PasswordsBusy, CustomerNotFound.
        """
        wiring = self._wiring
        async with self.database.read() as read:
            known = await find_erasure(read, customer_id)
            if known is not None:
                return known
            customer = await get_customer(read, customer_id)
        digest = parse_email(customer.email).digest
        attempt = LoginAttempt(
            digest,
            request.password,
            wiring.vault.mac(MacPurpose.NETWORK, request.client_network.encode()),
            wiring.vault.mac(MacPurpose.SALT_OF_ADDRESS, digest)[:SALT_BYTES],
            parse_device_token(request.device_token),
        )
        verified = await verify_password(wiring.database, wiring.hasher, wiring.lockout, attempt)
        if verified.credential.subject_id != customer_id:
            # It is the password of another account with the same unconfirmed address.
            raise WrongCredentials("the password is not this account's")
        return None
