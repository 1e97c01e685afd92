"""The gRPC edge of messages."""

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.ids import parse_id
from chassis.rpc.server import Call, Servicer, read, write
from notifications.delivery.mime import MimeEncoder
from notifications.mails.actions import redrive_message, send_message
from notifications.mails.model import Mail, MailRules
from notifications.mails.queries import get_message, list_attempts, list_messages
from notifications.mails.wire import (
    decode_filters,
    decode_new_mail,
    decode_page_token,
    encode_message,
)
from sojourn.notifications.v1 import notifications_pb2 as pb
from sojourn.notifications.v1 import notifications_pb2_grpc as pb_grpc


class NotificationServicer(Servicer, pb_grpc.NotificationServiceServicer):
    """Messages and their delivery."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, encoder: MimeEncoder, rules: MailRules
    ) -> None:
        super().__init__(database, verifier)
        self._encoder, self._rules = encoder, rules

    @write(scope="notifications.send", needs_key=True)
    async def Send(self, request: pb.SendRequest, call: Call) -> pb.Message:
        new = decode_new_mail(request, caller=call.caller.name, key=call.key, rules=self._rules)
        async with call.tx() as tx:
            mail = await send_message(tx, new, self._rules)
        return self._encode(mail)

    @read(scope="notifications.read")
    async def ListMessages(
        self, request: pb.ListMessagesRequest, call: Call
    ) -> pb.ListMessagesResponse:
        size = pagination.size_of(request.page.size)
        filters = decode_filters(request)
        before = decode_page_token(request.page.token)
        async with call.read() as read:
            found = await list_messages(read, filters, before=before, limit=size + 1)
        shown = found[:size]
        token = pagination.token_of([str(shown[-1].id)]) if len(found) > size else ""
        return pb.ListMessagesResponse(
            messages=[self._encode(mail) for mail in shown], next_page_token=token
        )

    @read(scope="notifications.read")
    async def GetMessage(self, request: pb.GetMessageRequest, call: Call) -> pb.Message:
        mail_id = parse_id(request.message_id, field="message_id")
        async with call.read() as read:
            mail = await get_message(read, mail_id)
            return encode_message(
                mail, self._encoder.message_id(mail), await list_attempts(read, mail_id)
            )

    @write(scope="notifications.write", needs_key=True)
    async def RedriveMessage(self, request: pb.RedriveMessageRequest, call: Call) -> pb.Message:
        mail_id = parse_id(request.message_id, field="message_id")
        async with call.tx() as tx:
            mail = await redrive_message(tx, mail_id, call.caller)
        return self._encode(mail)

    def _encode(self, mail: Mail) -> pb.Message:
        return encode_message(mail, self._encoder.message_id(mail))
