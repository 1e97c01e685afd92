"""The gRPC edge of sessions, tokens and keys."""

from uuid import UUID

from chassis.email_addresses import InvalidEmail, parse_email
from chassis.rpc.errors import InvalidToken
from chassis.rpc.server import Call, Servicer, read, write
from chassis.rpc.wire import timestamp
from chassis.runtime.clock import uuid7
from identity import metrics
from identity.api_keys import actions as keying
from identity.credentials import passwords
from identity.credentials.model import SubjectKind
from identity.customers import model as customers
from identity.customers import wire as messages
from identity.devices import model as devices
from identity.errors import InvalidGuestToken, SessionRevoked
from identity.logins import actions as logging_in
from identity.logins.actions import LoginAttempt
from identity.mail_links import model as mail_links
from identity.registrations import actions as registering
from identity.registrations import confirmation as confirming
from identity.registrations import model as registrations
from identity.registrations.actions import Application
from identity.service_tokens import actions as issuing
from identity.sessions import actions as refreshing
from identity.signing_keys import store as keys
from identity.vault import Purpose
from identity.wiring import Parts
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc


class IdentityServicer(Servicer, pb_grpc.IdentityServiceServicer):
    """Who is calling. Replies hold tokens, so that none is stored."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.database, parts.verifier)
        self._parts = parts

    @write(public=True)
    async def Register(self, request: pb.RegisterRequest, call: Call) -> pb.Session:
        fingerprint = self._fingerprint(request)
        device = devices.parse_token(request.device_token)
        async with call.read() as read:
            # Before all checks: what was good once is recognised, though its guest token has expired meanwhile.
            made = await registrations.recognised(read, call.key, fingerprint)
        if made is not None:
            async with call.tx(stores_reply=False) as tx:
                opened = await registering.open_session(tx, made, self._parts.mint, channel=request.channel, device=device)
            return messages.session(opened)
        application = await self._application(request, call.key, fingerprint)
        async with self._parts.hasher.slot():
            password_hash = await self._parts.hasher.hash(request.password, salt=self._salt_of(application.email_digest))
        async with call.tx(stores_reply=False) as tx:
            opened = await registering.register(tx, application, password_hash, self._parts.mint)
        return messages.session(opened)

    async def _application(self, request: pb.RegisterRequest, key: str, fingerprint: bytes) -> Application:
        settings = self._parts.settings
        address = parse_email(request.email, allows_test_domains=settings.allows_test_domains)
        passwords.check(request.password, email=address.text)
        return Application(
            email=address.text,
            email_digest=address.digest,
            first_name=customers.name_of(request.first_name),
            last_name=customers.name_of(request.last_name),
            locale=request.locale,
            channel=customers.channel_of(request.channel) or settings.default_channel,
            guest_id=await self._guest_of(request.guest_token),
            key=key,
            fingerprint=fingerprint,
            device=devices.parse_token(request.device_token),
        )

    def _fingerprint(self, request: pb.RegisterRequest) -> bytes:
        """A mark of what was asked. A repeat may come with a device token that its first answer brought."""
        asked = pb.RegisterRequest()
        asked.CopyFrom(request)
        asked.ClearField("device_token")
        return self._parts.vault.mark(Purpose.FINGERPRINT, asked.SerializeToString(deterministic=True))

    @write(public=True)
    async def Login(self, request: pb.LoginRequest, call: Call) -> pb.Session:
        parts = self._parts
        guest_id = await self._guest_of(request.guest_token)
        try:
            digest = parse_email(request.email, allows_test_domains=parts.settings.allows_test_domains).digest
        except InvalidEmail:
            # No account has it; it is looked up all the same, so that the answer takes as long.
            digest = mail_links.digest_of(request.email)
        network, device = parts.vault.mark(Purpose.NETWORK, request.client_network.encode()), devices.parse_token(request.device_token)
        attempt = LoginAttempt(digest, request.password, network, self._salt_of(digest), device)
        proof = await logging_in.prove(parts.database, parts.hasher, parts.lockout, attempt)
        async with call.tx(stores_reply=False) as tx:
            opened = await logging_in.log_in(tx, proof, parts.mint, guest_id=guest_id, device=device)
        return messages.session(opened)

    @write(public=True)
    async def LoginWithLink(self, request: pb.LoginWithLinkRequest, call: Call) -> pb.Session:
        guest_id, device = await self._guest_of(request.guest_token), devices.parse_token(request.device_token)
        async with call.tx(stores_reply=False) as tx:
            opened = await logging_in.log_in_with_link(tx, request.token, self._parts.mint, guest_id=guest_id, device=device)
        return messages.session(opened)

    @write(public=True)
    async def ConfirmEmail(self, request: pb.ConfirmEmailRequest, call: Call) -> pb.ConfirmEmailResponse:
        customer_id = await confirming.find_customer(self.database, request.token)
        if call.caller.kind != SubjectKind.CUSTOMER or call.caller.subject_id != customer_id:
            await confirming.prove_account(self.database, self._parts.hasher, customer_id, request.password)
        async with call.tx(stores_reply=False) as tx:
            confirmed_at = await confirming.confirm_email(tx, customer_id)
        return pb.ConfirmEmailResponse(confirmed_at=timestamp(confirmed_at))

    def _salt_of(self, email_digest: bytes) -> bytes:
        """The salt of the passwords of all unconfirmed accounts of an address."""
        return self._parts.vault.mark(Purpose.SALT_OF_ADDRESS, email_digest)[: passwords.SALT_BYTES]

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
            raise InvalidGuestToken("a synthetic shopper becomes no customer")
        return caller.subject_id

    @write(public=True)
    async def Refresh(self, request: pb.RefreshRequest, call: Call) -> pb.Session:
        token = self._parts.mint.refresh_tokens.parse(request.refresh_token)
        # Commits before a refusal: a session whose token came twice is over.
        async with self.database.tx() as tx:
            outcome = await refreshing.refresh(tx, token, self._parts.mint)
        if isinstance(outcome, SessionRevoked):
            raise outcome
        return messages.session(outcome)

    @write(public=True)
    async def Logout(self, request: pb.LogoutRequest, call: Call) -> pb.LogoutResponse:
        try:
            token = self._parts.mint.refresh_tokens.parse(request.refresh_token)
        except InvalidToken:
            # Nobody's session: it is over already.
            return pb.LogoutResponse()
        async with call.tx(stores_reply=False) as tx:
            await refreshing.log_out(tx, token)
        return pb.LogoutResponse()

    @write(public=True)
    async def CreateGuestSession(self, request: pb.CreateGuestSessionRequest, call: Call) -> pb.Session:
        mint = self._parts.mint
        session, refresh_token = mint.new_session(SubjectKind.GUEST, uuid7(), channel=customers.channel_of(request.channel))
        opened = mint.opened(session, refresh_token)
        # The only statement of its transaction: one round trip, without BEGIN and COMMIT.
        async with call.tx(stores_reply=False) as tx:
            tx.deferred.insert(session)
        return messages.session(opened)

    @write(public=True)
    async def CreateApiKeySession(self, request: pb.CreateApiKeySessionRequest, call: Call) -> pb.Session:
        scopes = await keying.use(self.database, self._parts.settings, request.api_key)
        mint, guest_id = self._parts.mint, uuid7()
        return pb.Session(
            access_token=mint.api_key_token(guest_id, scopes),
            expires_in_seconds=mint.access_token_seconds,
            subject_id=str(guest_id),
            kind=messages.KINDS.encode(SubjectKind.GUEST),
        )

    @read(public=True)
    async def GetKeys(self, request: pb.GetKeysRequest, call: Call) -> pb.GetKeysResponse:
        return pb.GetKeysResponse(jwks_json=await self._parts.keys.jwks_json())

    @write(public=True)
    async def IssueServiceToken(self, request: pb.IssueServiceTokenRequest, call: Call) -> pb.ServiceToken:
        mint = self._parts.mint
        token = await issuing.issue_service_token(self._parts.settings, mint, self._parts.verifier, request)
        return pb.ServiceToken(access_token=token, expires_in_seconds=mint.access_token_seconds)


class KeyServicer(Servicer, pb_grpc.KeyServiceServicer):
    """Keys that sign tokens."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.database, parts.verifier)
        self._parts = parts

    @write(scope="keys.rotate", needs_key=True)
    async def RotateKeys(self, request: pb.RotateKeysRequest, call: Call) -> pb.RotateKeysResponse:
        settings = self._parts.settings
        async with call.tx() as tx:
            key = await keys.rotate(
                tx,
                self._parts.vault,
                token_seconds=settings.access_token_seconds,
                publish_delay_seconds=settings.key_publish_delay_seconds,
            )
        metrics.keys_rotated.inc()
        return pb.RotateKeysResponse(key_id=str(key.id))
