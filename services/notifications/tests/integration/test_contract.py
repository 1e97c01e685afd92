"""Facts of notifications that its callers rely on, for the real service and for its fake."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from chassis.rpc.client import Peer
from chassis.rpc.errors import Denied, Exists, Invalid
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, an_email, grpc_server, service_under_test
from notifications.delivery.smtp import MailServer, SmtpChannel
from notifications.servicers.notifications import NotificationServicer
from notifications.templates.samples import SAMPLES
from notifications.testing import FakeNotifications
from notifications.wiring import Wiring
from services.notifications.tests.notifications_world import confirm, settings
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


@dataclass
class Notifications:
    """A notifications service. `new_recipient` creates an address, confirmed or not."""

    peer: Peer
    tokens: Tokens
    new_recipient: Callable[[bool], Awaitable[str]]

    async def send(
        self,
        recipient: str,
        *,
        key: str = "",
        scopes: tuple[str, ...] = ("notifications.send",),
        **fields: Any,
    ) -> pb.Message:
        variables = Struct()
        variables.update(SAMPLES["cart_reminder"])
        request = pb.SendRequest(
            template="cart_reminder",
            recipient=recipient,
            locale="de",
            variables=variables,
            **fields,
        )
        stub, token = (
            self.peer.stub(pb_grpc.NotificationServiceStub),
            self.tokens.service("journey", *scopes),
        )
        reply: pb.Message = await self.peer.ask(stub.Send, request, authorization=token, key=key)
        return reply


@contextlib.asynccontextmanager
async def real_notifications() -> AsyncIterator[Notifications]:
    async with service_under_test("notifications") as service:
        wiring = Wiring.from_settings(
            settings(), service.database, SmtpChannel(MailServer("127.0.0.1", 1))
        )
        servicer = NotificationServicer(
            service.database, service.tokens.verifier(), wiring.encoder, wiring.rules
        )

        async def new_recipient(is_confirmed: bool) -> str:
            email = an_email()
            if is_confirmed:
                await confirm(service.database, email)
            return email

        peer = await service.serve(
            partial(pb_grpc.add_NotificationServiceServicer_to_server, servicer)
        )
        yield Notifications(peer, service.tokens, new_recipient)


@contextlib.asynccontextmanager
async def fake_notifications() -> AsyncIterator[Notifications]:
    tokens = Tokens()
    fake = FakeNotifications(tokens)

    async def new_recipient(is_confirmed: bool) -> str:
        email = an_email()
        if not is_confirmed:
            fake.unconfirmed.add(email)
        return email

    async with grpc_server(
        partial(pb_grpc.add_NotificationServiceServicer_to_server, fake)
    ) as peer:
        yield Notifications(peer, tokens, new_recipient)


@pytest.fixture(params=[real_notifications, fake_notifications], ids=["real", "fake"])
async def service(request: pytest.FixtureRequest) -> AsyncIterator[Notifications]:
    async with request.param() as notifications:
        yield notifications


async def test_a_repeated_key_returns_the_same_message(service: Notifications) -> None:
    recipient, key = await service.new_recipient(True), str(uuid7())

    first, repeated = [await service.send(recipient, key=key) for _ in range(2)]
    other = await service.send(recipient, key=str(uuid7()))

    assert (first.state, first.template, repeated) == (
        pb.MESSAGE_STATE_QUEUED,
        "cart_reminder",
        first,
    )
    assert other.id != first.id


async def test_a_key_with_another_message_is_refused(service: Notifications) -> None:
    recipient, key = await service.new_recipient(True), str(uuid7())
    await service.send(recipient, key=key)

    with pytest.raises(Exists) as refusal:
        await service.send(recipient, key=key, cart_id=str(uuid7()))

    assert refusal.value.reason == "KEY_REUSED"


async def test_a_reminder_to_an_unconfirmed_address_is_suppressed(service: Notifications) -> None:
    message = await service.send(await service.new_recipient(False), key=str(uuid7()))

    assert message.state == pb.MESSAGE_STATE_SUPPRESSED


async def test_a_message_needs_a_key_and_the_scope(service: Notifications) -> None:
    recipient = await service.new_recipient(True)

    with pytest.raises(Invalid) as without_key:
        await service.send(recipient)
    with pytest.raises(Denied) as without_scope:
        await service.send(recipient, key=str(uuid7()), scopes=())

    assert (without_key.value.reason, without_scope.value.reason) == (
        "KEY_REQUIRED",
        "SCOPE_REQUIRED",
    )
