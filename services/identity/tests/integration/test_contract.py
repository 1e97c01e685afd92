"""Facts of identity that other services rely on, of the real service and of its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from chassis.rpc.auth import TokenVerifier
from chassis.rpc.client import Peer
from chassis.rpc.errors import Denied, NotFound, Unauthenticated
from chassis.runtime.clock import uuid7
from chassis.testing import ISSUER, Tokens, an_email, fresh_database, grpc_server
from identity.testing import FakeIdentity
from services.identity.tests.identity_replica import replica
from sojourn.identity.v1 import identity_pb2 as pb
from sojourn.identity.v1 import identity_pb2_grpc as pb_grpc

SCOPES = ["customers.read", "stock.reserve"]
PASSWORD = "correct-horse-battery"


@dataclass
class Identity:
    """An identity service and its callers."""

    peer: Peer

    def __post_init__(self) -> None:
        self.sessions, self.customers = (
            self.peer.stub(pb_grpc.IdentityServiceStub),
            self.peer.stub(pb_grpc.CustomerServiceStub),
        )

    def verifier_of(self, service: str) -> TokenVerifier:
        """The verifier of a service that fetches keys from this identity."""

        async def fetch() -> str:
            return str((await self.peer.ask(self.sessions.GetKeys, pb.GetKeysRequest())).jwks_json)

        return TokenVerifier(fetch, issuer=ISSUER, service=service)

    async def register(self, email: str = "") -> pb.Session:
        request = pb.RegisterRequest(email=email or an_email(), password=PASSWORD)
        return await self._session(self.sessions.Register, request)

    async def guest(self) -> pb.Session:
        return await self._session(self.sessions.CreateGuestSession, pb.CreateGuestSessionRequest())

    async def login(self, email: str) -> pb.Session:
        return await self._session(
            self.sessions.Login, pb.LoginRequest(email=email, password=PASSWORD)
        )

    async def _session(self, method: Any, request: Any) -> pb.Session:
        reply: pb.Session = await self.peer.ask(method, request)
        return reply

    async def service_token(self, **acting: str) -> str:
        request = pb.IssueServiceTokenRequest(
            client_id="checkout", client_secret="checkout-secret", **acting
        )
        return "Bearer " + str(
            (await self.peer.ask(self.sessions.IssueServiceToken, request)).access_token
        )

    async def customer(self, token: str, customer_id: str = "") -> pb.Customer:
        request = pb.GetCustomerRequest(customer_id=customer_id)
        reply: pb.Customer = await self.peer.ask(
            self.customers.GetCustomer, request, authorization=token
        )
        return reply


@contextlib.asynccontextmanager
async def a_real_identity() -> AsyncIterator[Identity]:
    clients = {"checkout": {"secret": "checkout-secret", "scopes": SCOPES, "acts_at": ["cart"]}}
    async with (
        fresh_database("identity") as database,
        replica(database, service_clients=clients) as real,
    ):
        yield Identity(real.peer)


@contextlib.asynccontextmanager
async def a_fake_identity() -> AsyncIterator[Identity]:
    fake = FakeIdentity(Tokens(), scopes=SCOPES)
    async with grpc_server(
        partial(pb_grpc.add_IdentityServiceServicer_to_server, fake),
        partial(pb_grpc.add_CustomerServiceServicer_to_server, fake),
    ) as peer:
        yield Identity(peer)


@pytest.fixture(params=[a_real_identity, a_fake_identity], ids=["real", "fake"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Identity]:
    async with request.param() as identity:
        yield identity


async def test_a_session_s_token_names_its_subject(service: Identity) -> None:
    sessions = (
        (await service.guest(), pb.SUBJECT_KIND_GUEST, "guest"),
        (await service.register(), pb.SUBJECT_KIND_CUSTOMER, "customer"),
    )
    for session, kind, name in sessions:
        caller = await service.verifier_of("tests").verify(f"Bearer {session.access_token}")

        assert (session.kind, caller.kind, caller.subject_id, bool(caller.scopes)) == (
            kind,
            name,
            UUID(session.subject_id),
            False,
        )
        assert (
            session.expires_in_seconds > 0,
            bool(session.refresh_token),
            bool(session.device_token),
        ) == (True, True, name == "customer")


async def test_a_login_is_the_registered_customer_s(service: Identity) -> None:
    email = an_email()
    registered = await service.register(email)

    session = await service.login(email)

    assert (session.kind, session.subject_id) == (pb.SUBJECT_KIND_CUSTOMER, registered.subject_id)
    assert session.device_token not in ("", registered.device_token)


async def test_a_wrong_api_key_opens_no_session(service: Identity) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await service.peer.ask(
            service.sessions.CreateApiKeySession, pb.CreateApiKeySessionRequest(api_key="wrong")
        )

    assert refusal.value.reason == "WRONG_CREDENTIALS"


async def test_a_service_token_has_the_service_s_scopes(service: Identity) -> None:
    caller = await service.verifier_of("catalog").verify(await service.service_token())

    assert (caller.kind, caller.client_id, caller.scopes, caller.act_for) == (
        "service",
        "checkout",
        set(SCOPES),
        None,
    )


async def test_a_service_acts_for_a_shopper_whose_token_it_shows_at_one_service(
    service: Identity,
) -> None:
    guest = await service.guest()

    token = await service.service_token(
        act_for=guest.subject_id, subject_token=guest.access_token, audience="cart"
    )

    caller = await service.verifier_of("cart").verify(token)
    assert (caller.kind, caller.client_id, caller.act_for) == (
        "service",
        "checkout",
        UUID(guest.subject_id),
    )
    with pytest.raises(Denied) as refusal:
        await service.verifier_of("catalog").verify(token)
    assert refusal.value.reason == "ACTING_NOT_ALLOWED"


async def test_a_service_without_the_shopper_s_own_token_acts_for_nobody(service: Identity) -> None:
    guest, other = await service.guest(), await service.guest()

    for asked, reason in (
        (service.service_token(act_for=guest.subject_id, audience="cart"), "ACTING_NOT_ALLOWED"),
        (
            service.service_token(
                act_for=guest.subject_id, subject_token=other.access_token, audience="cart"
            ),
            "INVALID_TOKEN",
        ),
        (
            service.service_token(
                act_for=guest.subject_id, subject_token="forged", audience="cart"
            ),
            "INVALID_TOKEN",
        ),
    ):
        with pytest.raises((Denied, Unauthenticated)) as refusal:
            await asked
        assert refusal.value.reason == reason


async def test_a_customer_is_shown_to_themselves_and_to_services_with_the_scope(
    service: Identity,
) -> None:
    email = an_email()
    session = await service.register(email)

    own = await service.customer(f"Bearer {session.access_token}")
    asked = await service.customer(await service.service_token(), session.subject_id)

    assert [(customer.id, customer.email) for customer in (own, asked)] == [
        (session.subject_id, email)
    ] * 2


async def test_an_unknown_customer_and_a_stranger_s_are_not_found(service: Identity) -> None:
    session, guest = await service.register(), await service.guest()

    for asked in (
        service.customer(await service.service_token(), str(uuid7())),
        service.customer(f"Bearer {guest.access_token}", session.subject_id),
    ):
        with pytest.raises(NotFound) as refusal:
            await asked
        assert refusal.value.reason == "CUSTOMER_NOT_FOUND"


async def test_addresses_are_read_by_their_customer_and_with_the_scope(service: Identity) -> None:
    owner, stranger = await service.register(), await service.register()
    request = pb.ListAddressesRequest(customer_id=owner.subject_id)

    async def addresses(token: str) -> list[pb.CustomerAddress]:
        method = service.customers.ListAddresses
        return list((await service.peer.ask(method, request, authorization=token)).addresses)

    assert await addresses(f"Bearer {owner.access_token}") == []
    assert await addresses(await service.service_token()) == []
    with pytest.raises(NotFound):
        await addresses(f"Bearer {stranger.access_token}")
