"""The gRPC edge of registrations, logins, sessions and tokens."""

from uuid import UUID

from chassis.email_addresses import InvalidEmail, parse_email
from chassis.rpc.errors import InvalidToken
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from identity.api_keys.actions import create_api_key_session
from identity.api_keys.wire import encode_api_key_session
from identity.credentials.model import SubjectKind
from identity.credentials.passwords import SALT_BYTES, require_strong_password
from identity.customers.model import normalize_address, parse_channel, parse_name
from identity.customers.wire import decode_address
from identity.devices.model import parse_device_token
from identity.errors import InvalidGuestToken, SessionRevoked
from identity.logins.actions import login, login_with_link, verify_password
from identity.logins.model import LoginAttempt
from identity.mail_links.model import digest_of_token
from identity.organizations.wire import decode_choice
from identity.registrations.actions import confirm_email, register, verify_account
from identity.registrations.model import NewCustomer
from identity.registrations.queries import find_registered_customer, get_customer_of_confirmation
from identity.service_tokens.actions import issue_service_token
from identity.service_tokens.wire import decode_service_token_request
from identity.sessions.actions import create_guest_session, logout, open_session, refresh
from identity.sessions.model import Subject
from identity.sessions.wire import encode_session
from identity.vault import MacPurpose
from identity.wiring import Wiring
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc


class IdentityServicer(Servicer, pb_grpc.IdentityServiceServicer):
    """Registrations, logins, sessions and tokens. Replies hold tokens, so no reply is stored."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.database, wiring.verifier)
        self._wiring = wiring

    @write(public=True)
    async def Register(self, request: pb.RegisterRequest, call: Call) -> pb.Session:
        fingerprint = self._fingerprint(request)
        device = parse_device_token(request.device_token)
        async with call.read() as read:
            # Before all checks: a repeat finds its account although its guest token has expired
            # meanwhile.
            customer_id = await find_registered_customer(read, call.key, fingerprint)
        if customer_id is not None:
            async with call.tx(stores_reply=False) as tx:
                tokens = await open_session(
                    tx,
                    Subject.customer(customer_id),
                    self._wiring.issuer,
                    channel=request.channel,
                    device=device,
                )
            return encode_session(tokens)
        new = await self._new_customer(request, call.key, fingerprint)
        async with self._wiring.hasher.slot():
            password_hash = await self._wiring.hasher.hash(
                request.password, salt=self._salt_of(new.email_digest)
            )
        async with call.tx(stores_reply=False) as tx:
            tokens = await register(tx, new, password_hash, self._wiring.issuer)
        return encode_session(tokens)

    async def _new_customer(
        self, request: pb.RegisterRequest, key: str, fingerprint: bytes
    ) -> NewCustomer:
        settings = self._wiring.settings
        address = parse_email(request.email, allows_test_domains=settings.allows_test_domains)
        require_strong_password(request.password, email=address.text)
        return NewCustomer(
            email=address.text,
            email_digest=address.digest,
            first_name=parse_name(request.first_name),
            last_name=parse_name(request.last_name),
            locale=request.locale,
            channel=parse_channel(request.channel) or settings.default_channel,
            guest_id=await self._guest_of(request.guest_token),
            key=key,
            fingerprint=fingerprint,
            device=parse_device_token(request.device_token),
            address=normalize_address(decode_address(request.address))
            if request.HasField("address")
            else None,
        )

    def _fingerprint(self, request: pb.RegisterRequest) -> bytes:
        """Returns a MAC of the request without its device token.

        A repeat may have a device token of the first answer.
        """
        content = pb.RegisterRequest()
        content.CopyFrom(request)
        content.ClearField("device_token")
        return self._wiring.vault.mac(
            MacPurpose.FINGERPRINT, content.SerializeToString(deterministic=True)
        )

    @write(public=True)
    async def Login(self, request: pb.LoginRequest, call: Call) -> pb.Session:
        wiring = self._wiring
        guest_id = await self._guest_of(request.guest_token)
        try:
            digest = parse_email(
                request.email, allows_test_domains=wiring.settings.allows_test_domains
            ).digest
        except InvalidEmail:
            # No account has such an address. It is looked up all the same, so that the answer takes
            # as long.
            digest = digest_of_token(request.email)
        network, device = (
            wiring.vault.mac(MacPurpose.NETWORK, request.client_network.encode()),
            parse_device_token(request.device_token),
        )
        attempt = LoginAttempt(digest, request.password, network, self._salt_of(digest), device)
        verified = await verify_password(wiring.database, wiring.hasher, wiring.lockout, attempt)
        async with call.tx(stores_reply=False) as tx:
            tokens = await login(tx, verified, wiring.issuer, guest_id=guest_id, device=device)
        return encode_session(tokens)

    @write(public=True)
    async def LoginWithLink(self, request: pb.LoginWithLinkRequest, call: Call) -> pb.Session:
        guest_id, device = (
            await self._guest_of(request.guest_token),
            parse_device_token(request.device_token),
        )
        async with call.tx(stores_reply=False) as tx:
            tokens = await login_with_link(
                tx, request.token, self._wiring.issuer, guest_id=guest_id, device=device
            )
        return encode_session(tokens)

    @write(public=True)
    async def ConfirmEmail(
        self, request: pb.ConfirmEmailRequest, call: Call
    ) -> pb.ConfirmEmailResponse:
        async with call.read() as read:
            customer_id = await get_customer_of_confirmation(read, request.token)
        if call.caller.kind != SubjectKind.CUSTOMER or call.caller.subject_id != customer_id:
            await verify_account(self.database, self._wiring.hasher, customer_id, request.password)
        async with call.tx(stores_reply=False) as tx:
            confirmed_at = await confirm_email(tx, customer_id)
        return pb.ConfirmEmailResponse(confirmed_at=timestamp(confirmed_at))

    def _salt_of(self, email_digest: bytes) -> bytes:
        """Returns the salt of all unconfirmed accounts of an address."""
        return self._wiring.vault.mac(MacPurpose.SALT_OF_ADDRESS, email_digest)[:SALT_BYTES]

    async def _guest_of(self, guest_token: str) -> UUID | None:
        if not guest_token:
            return None
        try:
            caller = await self.verifier.verify(f"Bearer {guest_token}")
        except InvalidToken:
            raise InvalidGuestToken("the guest token is forged or expired") from None
        if caller.kind != SubjectKind.GUEST:
            raise InvalidGuestToken("the token is not a guest's")
        if caller.is_synthetic:
            raise InvalidGuestToken("a synthetic shopper cannot become a customer")
        return caller.subject_id

    @write(public=True)
    async def Refresh(self, request: pb.RefreshRequest, call: Call) -> pb.Session:
        token = self._wiring.issuer.refresh_tokens.parse(request.refresh_token)
        # Commits before it refuses: a refresh token that came a second time ends its session.
        async with self.database.tx() as tx:
            outcome = await refresh(tx, token, self._wiring.issuer, decode_choice(request))
        if isinstance(outcome, SessionRevoked):
            raise outcome
        return encode_session(outcome)

    @write(public=True)
    async def Logout(self, request: pb.LogoutRequest, call: Call) -> pb.LogoutResponse:
        try:
            token = self._wiring.issuer.refresh_tokens.parse(request.refresh_token)
        except InvalidToken:
            # The token belongs to no session, so there is nothing to end.
            return pb.LogoutResponse()
        async with call.tx(stores_reply=False) as tx:
            await logout(tx, token)
        return pb.LogoutResponse()

    @write(public=True)
    async def CreateGuestSession(
        self, request: pb.CreateGuestSessionRequest, call: Call
    ) -> pb.Session:
        channel = parse_channel(request.channel)
        async with call.tx(stores_reply=False) as tx:
            tokens = create_guest_session(tx, self._wiring.issuer, channel=channel)
        return encode_session(tokens)

    @write(public=True)
    async def CreateApiKeySession(
        self, request: pb.CreateApiKeySessionRequest, call: Call
    ) -> pb.Session:
        wiring = self._wiring
        session = await create_api_key_session(
            self.database, wiring.settings, wiring.issuer, request.api_key
        )
        return encode_api_key_session(session)

    @read(public=True)
    async def GetKeys(self, request: pb.GetKeysRequest, call: Call) -> pb.GetKeysResponse:
        return pb.GetKeysResponse(jwks_json=await self._wiring.keys.jwks_json())

    @write(public=True)
    async def IssueServiceToken(
        self, request: pb.IssueServiceTokenRequest, call: Call
    ) -> pb.ServiceToken:
        wiring, wanted = self._wiring, decode_service_token_request(request)
        token = await issue_service_token(wiring.settings, wiring.issuer, wiring.verifier, wanted)
        return pb.ServiceToken(
            access_token=token, expires_in_seconds=wiring.issuer.access_token_seconds
        )
