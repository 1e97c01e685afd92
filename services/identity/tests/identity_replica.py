"""A replica of identity in the test's process, on a real database, with cheap passwords."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from chassis.data.database import Database
from chassis.rpc.auth import Caller, TokenVerifier
from chassis.rpc.client import Peer
from chassis.rpc.errors import DomainError
from chassis.testing import ServiceUnderTest, an_email, events_of
from identity.servicers.api_keys import ApiKeyServicer
from identity.servicers.customer_groups import CustomerGroupServicer
from identity.servicers.customers import CustomerServicer
from identity.servicers.delegations import DelegationServicer
from identity.servicers.erasures import ErasureServicer
from identity.servicers.identity import IdentityServicer
from identity.servicers.keys import KeyServicer
from identity.servicers.staff import StaffServicer
from identity.settings import Settings
from identity.wiring import Wiring
from sojourn.identity.v1 import customer_groups_pb2_grpc as groups_grpc
from sojourn.identity.v1 import (
    delegations_pb2_grpc,
    erasures_pb2,
    erasures_pb2_grpc,
    staff_pb2_grpc,
)
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc
from sojourn.identity.v1.events_pb2 import EmailConfirmationRequested

PASSWORD = "correct-horse-battery"
STAFF_EMAIL = "staff@sojourn.example"
STAFF_PASSWORD = "staple-horse-battery"
HOME, ELSEWHERE = "192.0.2.0/24", "198.51.100.0/24"


def settings(**changes: Any) -> Settings:
    defaults: dict[str, Any] = {
        "key_encryption_key": base64.urlsafe_b64encode(b"k" * 32).decode(),
        "service_clients": {
            "cart": {"secret": "cart-secret", "scopes": ["stock.reserve", "customers.read"]},
            "gateway": {"secret": "other"},
            "checkout": {
                "secret": "checkout-secret",
                "scopes": ["carts.redeem"],
                "acts_at": ["cart"],
            },
        },
        "staff_email": STAFF_EMAIL,
        "staff_password": STAFF_PASSWORD,
        "argon2_memory_kib": 8,
        "argon2_time_cost": 1,
        "login_lock_seconds": 60,
        "key_poll_seconds": 0.05,
    }
    return Settings(**{**defaults, **changes})


class Replica:
    """A replica and its gRPC clients."""

    def __init__(self, wiring: Wiring, peer: Peer) -> None:
        self.wiring, self.peer = wiring, peer
        # The generated stub is one class for both kinds of channel; this channel makes its methods
        # awaitable.
        self.identity: pb_grpc.IdentityServiceAsyncStub = peer.stub(pb_grpc.IdentityServiceStub)  # type: ignore[assignment]
        self.customers: pb_grpc.CustomerServiceAsyncStub = peer.stub(pb_grpc.CustomerServiceStub)  # type: ignore[assignment]
        self.keys: pb_grpc.KeyServiceAsyncStub = peer.stub(pb_grpc.KeyServiceStub)  # type: ignore[assignment]
        self.erasures = peer.stub(erasures_pb2_grpc.ErasureServiceStub)
        self.staff = peer.stub(staff_pb2_grpc.StaffServiceStub)
        self.api_keys: pb_grpc.ApiKeyServiceAsyncStub = peer.stub(pb_grpc.ApiKeyServiceStub)  # type: ignore[assignment]

    async def register(
        self, email: str = "", *, key: str = "", password: str = PASSWORD, **fields: Any
    ) -> pb.Session:
        request = pb.RegisterRequest(email=email or an_email(), password=password, **fields)
        return await self.peer.ask(self.identity.Register, request, key=key)

    async def login(
        self, email: str, password: str = PASSWORD, *, network: str = HOME, **fields: str
    ) -> pb.Session:
        """Logs in from a network. `fields` are device_token and guest_token."""
        return await self.peer.ask(
            self.identity.Login,
            pb.LoginRequest(email=email, password=password, client_network=network, **fields),
        )

    async def guess(
        self,
        email: str,
        *,
        times: int,
        networks: Sequence[str] = (ELSEWHERE,),
        password: str = "wrong-password",
    ) -> list[str]:
        """Guesses a password from each network in turn, and returns the refusals' reasons."""
        reasons = []
        for turn in range(times):
            try:
                await self.login(email, password, network=networks[turn % len(networks)])
            except DomainError as refusal:
                reasons.append(refusal.reason)
        return reasons

    async def login_with_link(self, token: str, **fields: str) -> pb.Session:
        return await self.peer.ask(
            self.identity.LoginWithLink, pb.LoginWithLinkRequest(token=token, **fields)
        )

    async def confirm_email(
        self, session: pb.Session | None, token: str = "", *, password: str = ""
    ) -> pb.ConfirmEmailResponse:
        """Follows the newest confirmation link of a session's customer, or the given one.

        Without a session the caller is not logged in.
        """
        if session and not token:
            token = (
                await events_of(
                    self.wiring.database, EmailConfirmationRequested, session.subject_id
                )
            )[-1].token
        authorization = f"Bearer {session.access_token}" if session else ""
        request = pb.ConfirmEmailRequest(token=token, password=password)
        return await self.peer.ask(self.identity.ConfirmEmail, request, authorization=authorization)

    async def register_confirmed(self, email: str = "", **fields: str) -> pb.Session:
        """Registers a customer and follows the link of the confirmation mail."""
        session = await self.register(email, **fields)
        await self.confirm_email(session)
        return session

    async def profile(self, session: pb.Session) -> pb.Customer:
        found: pb.Customer = await self.as_(
            session, self.customers.GetCustomer, pb.GetCustomerRequest()
        )
        return found

    async def erase(
        self, session: pb.Session, password: str = PASSWORD, **fields: str
    ) -> erasures_pb2.ErasedAccount:
        """Erases the account of a session. `fields` are device_token and client_network."""
        request = erasures_pb2.EraseMyAccountRequest(
            **{"password": password, "client_network": HOME, **fields}
        )
        erased: erasures_pb2.ErasedAccount = await self.as_(
            session, self.erasures.EraseMyAccount, request
        )
        return erased

    async def log_in_staff(self) -> str:
        session = await self.login(STAFF_EMAIL, STAFF_PASSWORD)
        return f"Bearer {session.access_token}"

    async def refresh(self, refresh_token: str) -> pb.Session:
        return await self.peer.ask(
            self.identity.Refresh, pb.RefreshRequest(refresh_token=refresh_token)
        )

    async def logout(self, refresh_token: str) -> None:
        await self.peer.ask(self.identity.Logout, pb.LogoutRequest(refresh_token=refresh_token))

    async def guest(self) -> pb.Session:
        return await self.peer.ask(self.identity.CreateGuestSession, pb.CreateGuestSessionRequest())

    async def service_token(
        self, client_id: str = "cart", secret: str = "cart-secret", **acting: str
    ) -> str:
        """Returns a service's authorization. `acting` are act_for, audience and subject_token."""
        request = pb.IssueServiceTokenRequest(client_id=client_id, client_secret=secret, **acting)
        reply = await self.peer.ask(self.identity.IssueServiceToken, request)
        return f"Bearer {reply.access_token}"

    async def as_(
        self, session: pb.Session | str, method: Any, request: Message, *, key: str = ""
    ) -> Any:
        """Calls a method with the authorization of a session, or with the given one."""
        authorization = session if isinstance(session, str) else f"Bearer {session.access_token}"
        return await self.peer.ask(method, request, authorization=authorization, key=key)

    def verifier_of(self, service: str) -> TokenVerifier:
        """Returns the verifier of another service."""
        return TokenVerifier(
            self.wiring.keys.jwks_json, issuer=self.wiring.settings.token_issuer, service=service
        )

    async def caller(self, session: pb.Session | str) -> Caller:
        """Returns the caller that a token stands for."""
        return await self.wiring.verifier.verify(
            session if isinstance(session, str) else f"Bearer {session.access_token}"
        )


@asynccontextmanager
async def replica(database: Database, **changes: Any) -> AsyncIterator[Replica]:
    """Starts a replica and waits until it is ready."""
    wiring = Wiring.from_settings(settings(**changes), database)
    await wiring.prepare()
    adders = (
        partial(pb_grpc.add_IdentityServiceServicer_to_server, IdentityServicer(wiring)),
        partial(pb_grpc.add_CustomerServiceServicer_to_server, CustomerServicer(wiring)),
        partial(
            groups_grpc.add_CustomerGroupServiceServicer_to_server, CustomerGroupServicer(wiring)
        ),
        partial(erasures_pb2_grpc.add_ErasureServiceServicer_to_server, ErasureServicer(wiring)),
        partial(
            delegations_pb2_grpc.add_DelegationServiceServicer_to_server, DelegationServicer(wiring)
        ),
        partial(pb_grpc.add_KeyServiceServicer_to_server, KeyServicer(wiring)),
        partial(pb_grpc.add_ApiKeyServiceServicer_to_server, ApiKeyServicer(wiring)),
        partial(staff_pb2_grpc.add_StaffServiceServicer_to_server, StaffServicer(wiring)),
    )
    async with ServiceUnderTest(database) as service:
        yield Replica(wiring, await service.serve(*adders, name="identity"))


async def count_of(database: Database, table: str) -> int:
    async with database.read() as read:
        found = await (await read.connected()).execute(f"SELECT count(*) FROM {table}".encode())
        return int((await found.fetchone())[0])  # type: ignore[index]


async def backdate(database: Database, session: pb.Session, **seconds: float) -> None:
    """Moves times of a session into the past by so many seconds."""
    async with database.tx() as tx:
        for column, by in seconds.items():
            await (await tx.connected()).execute(
                f"UPDATE session SET {column} = {column} - make_interval(secs => %s) "
                "WHERE subject_id = %s".encode(),
                [by, UUID(session.subject_id)],
            )
