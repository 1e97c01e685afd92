"""A fake of notifications for tests of other services.

`tests/integration/test_contract.py` runs the same tests against the fake and the real service.
"""

from chassis.rpc.errors import KeyReused
from chassis.rpc.server import Call
from chassis.runtime.clock import uuid7
from chassis.testing import Calls, FakePeer, Tokens, answers
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


class FakeNotifications(FakePeer, pb_grpc.NotificationServiceServicer):
    """Messages by key. `unconfirmed` holds the addresses whose mails are suppressed."""

    service = "notifications"

    def __init__(self, tokens: Tokens, calls: Calls | None = None) -> None:
        super().__init__(tokens, calls)
        self.sent: dict[str, pb.SendRequest] = {}
        self.unconfirmed: set[str] = set()
        self._messages: dict[str, pb.Message] = {}

    @answers(scope="notifications.send", needs_key=True)
    async def Send(self, request: pb.SendRequest, call: Call) -> pb.Message:
        if self.sent.setdefault(call.key, request) != request:
            raise KeyReused
        state = (
            pb.MESSAGE_STATE_SUPPRESSED
            if request.recipient in self.unconfirmed
            else pb.MESSAGE_STATE_QUEUED
        )
        return self._messages.setdefault(
            call.key, pb.Message(id=str(uuid7()), template=request.template, state=state)
        )
