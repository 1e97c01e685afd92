"""The gRPC edge of recipients of mails to the staff."""

from chassis import pagination
from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from notifications.mails.model import MailRules
from notifications.staff_notices import wire
from notifications.staff_notices.actions import delete_recipient, put_recipient
from notifications.staff_notices.queries import get_recipient, list_recipients
from sojourn.notifications.v1 import staff_notices_pb2 as pb
from sojourn.notifications.v1 import staff_notices_pb2_grpc as pb_grpc


class StaffNoticeServicer(Servicer, pb_grpc.StaffNoticeServiceServicer):
    """Recipients of mails to the staff."""

    def __init__(self, database: Database, verifier: TokenVerifier, rules: MailRules) -> None:
        super().__init__(database, verifier)
        self._rules = rules

    @read(scope="notifications.read")
    async def ListStaffNoticeRecipients(
        self, request: pb.ListStaffNoticeRecipientsRequest, call: Call
    ) -> pb.ListStaffNoticeRecipientsResponse:
        size = pagination.size_of(request.page.size, default=50)
        after = pagination.code_of(request.page.token)
        async with call.read() as found:
            rows = await list_recipients(found, after=after, limit=size + 1)
        page, token = pagination.page_by_code(rows, size)
        return pb.ListStaffNoticeRecipientsResponse(
            recipients=map(wire.recipient_to_proto, page), next_page_token=token
        )

    @read(scope="notifications.read")
    async def GetStaffNoticeRecipient(
        self, request: pb.GetStaffNoticeRecipientRequest, call: Call
    ) -> pb.StaffNoticeRecipient:
        async with call.read() as found:
            return wire.recipient_to_proto(await get_recipient(found, request.code))

    @write(scope="notifications.write")
    async def PutStaffNoticeRecipient(
        self, request: pb.PutStaffNoticeRecipientRequest, call: Call
    ) -> pb.StaffNoticeRecipient:
        draft = wire.recipient_from_proto(
            request.recipient, allows_test_domains=self._rules.allows_test_domains
        )
        async with call.tx() as tx:
            recipient = await put_recipient(
                tx, draft, caller=call.caller, expected_version=request.expected_version
            )
        return wire.recipient_to_proto(recipient)

    @write(scope="notifications.write")
    async def DeleteStaffNoticeRecipient(
        self, request: pb.DeleteStaffNoticeRecipientRequest, call: Call
    ) -> pb.DeleteStaffNoticeRecipientResponse:
        async with call.tx() as tx:
            await delete_recipient(
                tx, request.code, caller=call.caller, expected_version=request.expected_version
            )
        return pb.DeleteStaffNoticeRecipientResponse()
