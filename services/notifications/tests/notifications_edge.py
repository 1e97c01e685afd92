"""The edges of notifications, called over gRPC."""

from __future__ import annotations

from functools import partial
from typing import Any

from google.protobuf.struct_pb2 import Struct

from chassis.rpc.client import Peer
from chassis.runtime.clock import uuid7
from chassis.testing import Tokens, an_email
from notifications.servicers.notifications import NotificationServicer
from notifications.servicers.preferences import PreferenceServicer
from notifications.servicers.staff_notices import StaffNoticeServicer
from notifications.templates.samples import SAMPLES
from services.notifications.tests.notifications_world import World
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc
from sojourn.notifications.v1 import staff_notices_pb2_grpc

TOKENS = Tokens()
JOURNEY = TOKENS.service("journey", "notifications.send")
STAFF = TOKENS.staff("notifications.read", "notifications.write")


class Edge:
    """The service by gRPC."""

    def __init__(self, peer: Peer, world: World) -> None:
        self.peer, self.world = peer, world
        self.notifications: Any = peer.stub(pb_grpc.NotificationServiceStub)
        self.preferences: Any = peer.stub(pb_grpc.PreferenceServiceStub)
        self.staff_notices: Any = peer.stub(staff_notices_pb2_grpc.StaffNoticeServiceStub)

    async def send(
        self,
        key: str = "",
        *,
        authorization: str = JOURNEY,
        is_confirmed: bool = True,
        **changes: Any,
    ) -> pb.Message:
        """Sends a cart reminder, by default to an address that is confirmed."""
        request = a_reminder(**changes)
        if is_confirmed:
            await self.world.confirm(request.recipient)
        return await self.peer.ask(
            self.notifications.Send, request, authorization=authorization, key=key or str(uuid7())
        )

    async def confirm(self, token: str) -> None:
        await self.peer.ask(self.preferences.ConfirmAddress, pb.ConfirmAddressRequest(token=token))

    async def list(self, **filters: Any) -> pb.ListMessagesResponse:
        return await self.peer.ask(
            self.notifications.ListMessages, pb.ListMessagesRequest(**filters), authorization=STAFF
        )

    async def get(self, message_id: str) -> pb.Message:
        return await self.peer.ask(
            self.notifications.GetMessage,
            pb.GetMessageRequest(message_id=message_id),
            authorization=STAFF,
        )

    async def redrive(self, message_id: str, key: str = "") -> pb.Message:
        request = pb.RedriveMessageRequest(message_id=message_id)
        return await self.peer.ask(
            self.notifications.RedriveMessage, request, authorization=STAFF, key=key or str(uuid7())
        )

    async def wanted(self, authorization: str) -> dict[str, bool]:
        reply = await self.peer.ask(
            self.preferences.GetPreferences, pb.GetPreferencesRequest(), authorization=authorization
        )
        return dict(reply.wanted)

    async def want(self, authorization: str, **wanted: bool) -> dict[str, bool]:
        reply = await self.peer.ask(
            self.preferences.SetPreferences,
            pb.SetPreferencesRequest(wanted=wanted),
            authorization=authorization,
        )
        return dict(reply.wanted)

    async def unsubscribe(self, token: str) -> pb.Topic.ValueType:
        reply = await self.peer.ask(
            self.preferences.Unsubscribe, pb.UnsubscribeRequest(token=token)
        )
        return reply.topic


def a_reminder(**changes: Any) -> pb.SendRequest:
    variables = Struct()
    variables.update({**SAMPLES["cart_reminder"], **changes.pop("variables", {})})
    fields: dict[str, Any] = {
        "template": "cart_reminder",
        "recipient": an_email(),
        "locale": "de",
        "cart_id": str(uuid7()),
        "channel": "de",
    }
    return pb.SendRequest(**{**fields, **changes}, variables=variables)


async def serve_edge(world: World) -> Edge:
    """Serves both edges of a world."""
    wiring, verifier = world.wiring(), TOKENS.verifier()
    notifications = NotificationServicer(world.database, verifier, wiring.encoder, wiring.rules)
    preferences = PreferenceServicer(world.database, verifier, wiring.unsubscribe_tokens)
    staff_notices = StaffNoticeServicer(world.database, verifier, wiring.rules)
    adders = (
        partial(pb_grpc.add_NotificationServiceServicer_to_server, notifications),
        partial(pb_grpc.add_PreferenceServiceServicer_to_server, preferences),
        partial(staff_notices_pb2_grpc.add_StaffNoticeServiceServicer_to_server, staff_notices),
    )
    return Edge(await world.service.serve(*adders, name="notifications"), world)
