"""The edge of stock levels and their ledger."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from catalog.directory import Directory
from catalog.stock.actions import (
    adjust_stock,
    new_reference,
    set_stock,
    transfer_stock,
    update_stock_rules,
)
from catalog.stock.ledger import Entry
from catalog.stock.promises import get_stock_policy, put_stock_policy
from catalog.stock.queries import (
    get_stock_level,
    list_stock_levels,
    list_stock_movements,
    movements_of,
)
from catalog.stock.wire import (
    decode_adjustments,
    decode_kind,
    decode_level_filter,
    decode_movement_filter,
    decode_rules,
    decode_transfer,
    encode_stock_level_detail,
    encode_stock_movement,
    encode_stock_movements,
    encode_stock_policy,
    level_position,
    position_after_level,
)
from chassis.data.database import Database
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import stock_admin_pb2 as pb
from sojourn.catalog.v1 import stock_admin_pb2_grpc as pb_grpc

_USUAL_SIZE = 50


class StockAdminServicer(Servicer, pb_grpc.StockAdminServiceServicer):
    """Stock levels and movements."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListStockLevels(
        self, request: pb.ListStockLevelsRequest, call: Call
    ) -> pb.ListStockLevelsResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        position = position_of(request.page.token, length=2)
        try:
            after = level_position(*position) if position else None
        except ValueError as error:
            raise InvalidPageToken from error
        since = _time(request.changed_since) if request.HasField("changed_since") else None
        async with call.read() as read:
            found = await list_stock_levels(
                read, decode_level_filter(request, since), after=after, size=size + 1
            )
        return pb.ListStockLevelsResponse(
            levels=map(encode_stock_level_detail, found[:size]),
            next_page_token=token_of(position_after_level(found[size - 1]))
            if len(found) > size
            else "",
        )

    @read(scope="catalog.write")
    async def GetStockLevel(
        self, request: pb.GetStockLevelRequest, call: Call
    ) -> pb.StockLevelDetail:
        async with call.read() as read:
            return encode_stock_level_detail(
                await get_stock_level(read, request.sku, request.warehouse)
            )

    @write(scope="catalog.write")
    async def SetStockLevel(
        self, request: pb.SetStockLevelRequest, call: Call
    ) -> pb.StockLevelDetail:
        async with call.tx() as tx:
            level = await set_stock(
                tx,
                await self._directory.context(tx),
                request.sku,
                request.warehouse,
                request.on_hand,
                entry=Entry(note=request.note, actor_id=call.caller.subject_id),
                expected_version=request.expected_version,
            )
        return encode_stock_level_detail(level)

    @write(scope="catalog.write")
    async def UpdateStockRules(
        self, request: pb.UpdateStockRulesRequest, call: Call
    ) -> pb.StockLevelDetail:
        async with call.tx() as tx:
            level = await update_stock_rules(
                tx,
                await self._directory.context(tx),
                request.sku,
                request.warehouse,
                decode_rules(request),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return encode_stock_level_detail(level)

    @write(scope="catalog.write", needs_key=True)
    async def AdjustStock(self, request: pb.AdjustStockRequest, call: Call) -> pb.StockMovements:
        entry = Entry(request.reference, request.note, call.caller.subject_id)
        async with call.tx() as tx:
            context = await self._directory.context(tx)
            ids = await adjust_stock(tx, context, decode_adjustments(request), entry)
            return encode_stock_movements(entry.reference, await movements_of(tx, ids))

    @write(scope="catalog.write", needs_key=True)
    async def TransferStock(
        self, request: pb.TransferStockRequest, call: Call
    ) -> pb.StockMovements:
        reference = request.reference or new_reference()
        entry = Entry(reference, request.note, call.caller.subject_id)
        async with call.tx() as tx:
            context = await self._directory.context(tx)
            ids = await transfer_stock(tx, context, decode_transfer(request), entry)
            return encode_stock_movements(reference, await movements_of(tx, ids))

    @read(scope="catalog.write")
    async def GetStockPolicy(self, request: pb.GetStockPolicyRequest, call: Call) -> pb.StockPolicy:
        async with call.read() as read:
            policy, promised = await get_stock_policy(read, request.sku)
        return encode_stock_policy(policy, promised, request.sku)

    @write(scope="catalog.write")
    async def PutStockPolicy(self, request: pb.PutStockPolicyRequest, call: Call) -> pb.StockPolicy:
        async with call.tx() as tx:
            policy, promised = await put_stock_policy(
                tx,
                await self._directory.context(tx),
                request.sku,
                kind=decode_kind(request),
                most=request.most,
                expected_at=_time(request.expected_at) if request.HasField("expected_at") else None,
                entry=Entry(actor_id=call.caller.subject_id),
                expected_version=request.expected_version,
            )
        return encode_stock_policy(policy, promised, request.sku)

    @read(scope="catalog.write")
    async def ListStockMovements(
        self, request: pb.ListStockMovementsRequest, call: Call
    ) -> pb.ListStockMovementsResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        position = position_of(request.page.token, length=1)
        try:
            before = UUID(str(position[0])) if position else None
        except ValueError as error:
            raise InvalidPageToken from error
        async with call.read() as read:
            found = await list_stock_movements(
                read, decode_movement_filter(request), before=before, size=size + 1
            )
        return pb.ListStockMovementsResponse(
            movements=map(encode_stock_movement, found[:size]),
            next_page_token=token_of([str(found[size - 1].movement.id)])
            if len(found) > size
            else "",
        )


def _time(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(UTC)
