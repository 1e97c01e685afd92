"""The edge of staff who await and import bank transfers."""

from datetime import datetime
from typing import Final
from uuid import UUID

from chassis import pagination
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from checkout.bank_transfers import wire
from checkout.bank_transfers.actions import import_bank_transfers
from checkout.bank_transfers.queries import list_outstanding
from sojourn.checkout.v1 import bank_transfers_pb2 as pb
from sojourn.checkout.v1 import bank_transfers_pb2_grpc as pb_grpc

_SCOPE: Final = "payments.write"


class BankTransferServicer(Servicer, pb_grpc.BankTransferServiceServicer):
    """Bank transfers for staff."""

    @read(scope=_SCOPE, or_scope="orders.read")
    async def ListOutstandingBankTransfers(
        self, request: pb.ListOutstandingBankTransfersRequest, call: Call
    ) -> pb.ListOutstandingBankTransfersResponse:
        size = pagination.size_of(request.page.size, default=50)
        async with call.read() as found:
            rows = await list_outstanding(
                found, after=_position_of(request.page.token), limit=size + 1
            )
        page, now = rows[:size], self.database.clock.now()
        token = ""
        if len(rows) > size:
            last = page[-1][0]
            assert last.due_at is not None, "an awaited transfer is due"
            token = pagination.token_of([last.due_at.isoformat(), str(last.id)])
        return pb.ListOutstandingBankTransfersResponse(
            transfers=[wire.outstanding_to_proto(*each, now) for each in page],
            next_page_token=token,
        )

    @write(scope=_SCOPE, needs_key=True)
    async def ImportBankTransfers(
        self, request: pb.ImportBankTransfersRequest, call: Call
    ) -> pb.ImportBankTransfersResponse:
        lines = wire.lines_from_proto(request)
        async with call.tx() as tx:
            results = await import_bank_transfers(tx, lines, actor_id=call.caller.person_id)
        return wire.results_to_proto(results)


def _position_of(token: str) -> tuple[datetime, UUID] | None:
    """Returns the time and the id after which a page begins. Raises InvalidPageToken."""
    position = pagination.position_of(token, length=2)
    if position is None:
        return None
    try:
        due_at, payment_id = datetime.fromisoformat(str(position[0])), UUID(str(position[1]))
    except ValueError:
        raise InvalidPageToken from None
    if due_at.tzinfo is None:
        raise InvalidPageToken
    return due_at, payment_id
