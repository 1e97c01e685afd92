"""BulkShipmentService."""

from collections.abc import Sequence
from typing import Final

from chassis.data.database import Database
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.server import Call, Servicer, write
from checkout.bulk_shipments.actions import BulkRun, ship_orders
from checkout.bulk_shipments.csv_rows import read_rows
from checkout.bulk_shipments.model import RowResult, ShipmentRow
from checkout.bulk_shipments.wire import results_to_proto, rows_from_proto
from checkout.wiring import Components
from sojourn.checkout.v1 import bulk_shipments_pb2 as pb
from sojourn.checkout.v1 import bulk_shipments_pb2_grpc as pb_grpc

_SCOPE: Final = "orders.write"


class BulkShipmentServicer(Servicer, pb_grpc.BulkShipmentServiceServicer):
    """Shipments of many orders."""

    def __init__(self, database: Database, verifier: TokenVerifier, components: Components) -> None:
        super().__init__(database, verifier)
        self._components = components

    @write(scope=_SCOPE, needs_key=True)
    async def ShipOrders(self, request: pb.ShipOrdersRequest, call: Call) -> pb.ShipOrdersResponse:
        return await self._ship(rows_from_proto(request), call, is_dry_run=request.dry_run)

    @write(scope=_SCOPE, needs_key=True)
    async def ShipOrdersOfFile(
        self, request: pb.ShipOrdersOfFileRequest, call: Call
    ) -> pb.ShipOrdersResponse:
        rows, refused = read_rows(request.content)
        return await self._ship(rows, call, is_dry_run=request.dry_run, refused=refused)

    async def _ship(
        self,
        rows: Sequence[ShipmentRow],
        call: Call,
        *,
        is_dry_run: bool,
        refused: Sequence[RowResult] = (),
    ) -> pb.ShipOrdersResponse:
        run = BulkRun(
            caller=call.caller,
            key=f"{call.caller.name}:{call.key}",
            promises=await self._components.promises(),
            is_dry_run=is_dry_run,
        )
        results = await ship_orders(self.database, rows, run)
        every = sorted([*results, *refused], key=lambda each: each.row.number)
        return results_to_proto(every)
