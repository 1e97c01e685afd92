"""The edge of staff who import bank transfers."""

from typing import Final

from chassis.rpc.server import Call, Servicer, write
from checkout.bank_transfers import wire
from checkout.bank_transfers.actions import import_bank_transfers
from sojourn.checkout.v1 import bank_transfers_pb2 as pb
from sojourn.checkout.v1 import bank_transfers_pb2_grpc as pb_grpc

_SCOPE: Final = "payments.write"


class BankTransferServicer(Servicer, pb_grpc.BankTransferServiceServicer):
    """Bank transfers for staff."""

    @write(scope=_SCOPE, needs_key=True)
    async def ImportBankTransfers(
        self, request: pb.ImportBankTransfersRequest, call: Call
    ) -> pb.ImportBankTransfersResponse:
        lines = wire.lines_from_proto(request)
        async with call.tx() as tx:
            results = await import_bank_transfers(tx, lines, actor_id=call.caller.person_id)
        return wire.results_to_proto(results)
