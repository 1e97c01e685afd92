"""A fake of identity for other services' tests.

`tests/integration/test_contract.py` runs against the fake and the real service.
"""

from collections.abc import Sequence
from uuid import UUID

from chassis.rpc.errors import ActingNotAllowed, InvalidToken, NotFound, Unauthenticated
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

_TOKEN_SECONDS = 900
_KINDS = {
    "guest": pb.SUBJECT_KIND_GUEST,
    "customer": pb.SUBJECT_KIND_CUSTOMER,
    "staff": pb.SUBJECT_KIND_STAFF,
}


class WrongCredentials(Unauthenticated): ...


class CustomerNotFound(NotFound): ...


class FakeIdentity(FakePeer, pb_grpc.IdentityServiceServicer, pb_grpc.CustomerServiceServicer):
    """Customers, sessions and service tokens.

    It accepts every password and every secret but API keys. Each service gets `scopes`, and may act
    for a shopper whose token it shows. The first login of an address makes a customer.
    """

    service = "identity"

    def __init__(
        self, tokens: Tokens, calls: Calls | None = None, *, scopes: Sequence[str] = ()
    ) -> None:
        super().__init__(tokens, calls)
        self.scopes = scopes
        self.customers: dict[str, pb.Customer] = {}
        self.addresses: dict[str, list[pb.CustomerAddress]] = {}
        self.staff: set[str] = set()
        self.api_keys: dict[str, Sequence[str]] = {}
        self._sessions = 0

    def add_customer(self, email: str, customer_id: UUID | None = None) -> pb.Customer:
        """Adds a customer, unless one has the id, and returns them."""
        customer = pb.Customer(id=str(customer_id or uuid7()), email=email)
        return self.customers.setdefault(customer.id, customer)

    @answers(public=True)
    async def GetKeys(self, request: pb.GetKeysRequest, call: Call) -> pb.GetKeysResponse:
        return pb.GetKeysResponse(jwks_json=self.tokens.jwks_json)

    @answers(public=True)
    async def IssueServiceToken(
        self, request: pb.IssueServiceTokenRequest, call: Call
    ) -> pb.ServiceToken:
        act_for = None
        if request.act_for or request.subject_token:
            act_for = await self._subject_of(request)
        token = self.tokens.service(
            request.client_id, *self.scopes, act_for=act_for, at=request.audience
        )
        return pb.ServiceToken(
            access_token=token.removeprefix("Bearer "), expires_in_seconds=_TOKEN_SECONDS
        )

    async def _subject_of(self, request: pb.IssueServiceTokenRequest) -> UUID:
        if not request.subject_token:
            raise ActingNotAllowed
        shopper = await self.verifier.verify(f"Bearer {request.subject_token}")
        if shopper.kind not in ("guest", "customer") or request.act_for not in (
            "",
            str(shopper.subject_id),
        ):
            raise InvalidToken
        return shopper.shopper_id

    @answers()
    async def GetCustomer(self, request: pb.GetCustomerRequest, call: Call) -> pb.Customer:
        customer_id = (
            parse_id(request.customer_id) if request.customer_id else call.caller.shopper_id
        )
        if request.customer_id:
            call.caller.must_own(customer_id, CustomerNotFound(), or_scope="customers.read")
        if str(customer_id) not in self.customers:
            raise CustomerNotFound
        return self.customers[str(customer_id)]

    @answers()
    async def ListAddresses(
        self, request: pb.ListAddressesRequest, call: Call
    ) -> pb.ListAddressesResponse:
        customer_id = (
            parse_id(request.customer_id) if request.customer_id else call.caller.shopper_id
        )
        if request.customer_id:
            call.caller.must_own(customer_id, CustomerNotFound(), or_scope="customers.read")
        return pb.ListAddressesResponse(addresses=self.addresses.get(str(customer_id), ()))

    @answers(public=True)
    async def Register(self, request: pb.RegisterRequest, call: Call) -> pb.Session:
        return self._open("customer", self.add_customer(request.email).id)

    @answers(public=True)
    async def Login(self, request: pb.LoginRequest, call: Call) -> pb.Session:
        if request.email in self.staff:
            return self._open("staff", str(uuid7()))
        known = [
            customer for customer in self.customers.values() if customer.email == request.email
        ]
        return self._open("customer", (known or [self.add_customer(request.email)])[0].id)

    @answers(public=True)
    async def LoginWithLink(self, request: pb.LoginWithLinkRequest, call: Call) -> pb.Session:
        return self._open("customer", str(uuid7()))

    @answers(public=True)
    async def ConfirmEmail(
        self, request: pb.ConfirmEmailRequest, call: Call
    ) -> pb.ConfirmEmailResponse:
        return pb.ConfirmEmailResponse()

    @answers(public=True)
    async def Refresh(self, request: pb.RefreshRequest, call: Call) -> pb.Session:
        session = self._open("customer", str(uuid7()))
        session.device_token = ""
        return session

    @answers(public=True)
    async def CreateGuestSession(
        self, request: pb.CreateGuestSessionRequest, call: Call
    ) -> pb.Session:
        return self._open("guest", str(uuid7()))

    @answers(public=True)
    async def CreateApiKeySession(
        self, request: pb.CreateApiKeySessionRequest, call: Call
    ) -> pb.Session:
        if request.api_key not in self.api_keys:
            raise WrongCredentials
        session = self._open("guest", str(uuid7()), scopes=self.api_keys[request.api_key])
        session.refresh_token = ""
        return session

    def _open(self, kind: str, subject_id: str, *, scopes: Sequence[str] = ()) -> pb.Session:
        self._sessions += 1
        return pb.Session(
            access_token=self.tokens.create(kind, subject_id, scopes=scopes),
            expires_in_seconds=_TOKEN_SECONDS,
            kind=_KINDS[kind],
            subject_id=subject_id,
            refresh_token=f"refresh-{self._sessions}",
            device_token="" if kind == "guest" else f"device-{self._sessions}",
        )
