"""OrderExportService."""

from typing import Final

from chassis.data.database import Database
from chassis.pagination import position_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, read, write
from checkout.order_exports import wire
from checkout.order_exports.actions import put_journal_accounts, record_export
from checkout.order_exports.parts import Place, export_part
from checkout.order_exports.queries import get_journal_accounts
from checkout.settings import CheckoutSettings
from sojourn.checkout.v1 import order_exports_pb2 as pb
from sojourn.checkout.v1 import order_exports_pb2_grpc as pb_grpc

_READ: Final = "orders.read"
_WRITE: Final = "orders.write"


class OrderExportServicer(Servicer, pb_grpc.OrderExportServiceServicer):
    """Exports of orders part by part, and the accounts of journals."""

    def __init__(
        self, database: Database, verifier: TokenVerifier, settings: CheckoutSettings
    ) -> None:
        super().__init__(database, verifier)
        self._default_channel = settings.default_channel

    @read(scope=_READ)
    async def ExportOrders(
        self, request: pb.ExportOrdersRequest, call: Call
    ) -> pb.ExportOrdersResponse:
        options, is_first = wire.options_from_proto(request), not request.page_token
        place = Place.of_position(position_of(request.page_token, length=3))
        async with call.read() as found:
            part = await export_part(found, options, place, is_first=is_first)
        if is_first:
            async with self.database.tx() as tx:
                await record_export(tx, options, caller=call.caller)
        return pb.ExportOrdersResponse(
            content=part.content,
            next_page_token=token_of(part.next.position) if part.next else "",
        )

    @read(scope=_WRITE)
    async def GetJournalAccounts(
        self, request: pb.GetJournalAccountsRequest, call: Call
    ) -> pb.JournalAccounts:
        async with call.read() as found:
            accounts = await get_journal_accounts(found, request.channel or self._default_channel)
        return wire.accounts_to_proto(accounts)

    @write(scope=_WRITE)
    async def PutJournalAccounts(
        self, request: pb.PutJournalAccountsRequest, call: Call
    ) -> pb.JournalAccounts:
        channel = request.accounts.channel or self._default_channel
        draft = wire.accounts_from_proto(request.accounts, channel)
        async with call.tx() as tx:
            kept = await put_journal_accounts(
                tx, draft, actor_id=call.caller.person_id, expected_version=request.expected_version
            )
        return wire.accounts_to_proto(kept)
