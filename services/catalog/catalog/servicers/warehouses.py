"""The edge of staff's changes of warehouses."""

from catalog.warehouses.actions import create_warehouse, delete_warehouse, update_warehouse
from catalog.warehouses.model import list_warehouses, warehouse_of
from catalog.warehouses.wire import decode_changes, decode_warehouse, encode_warehouse
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import warehouses_pb2 as pb
from sojourn.catalog.v1 import warehouses_pb2_grpc as pb_grpc


class WarehouseServicer(Servicer, pb_grpc.WarehouseServiceServicer):
    """Warehouses."""

    @read(scope="catalog.write")
    async def ListWarehouses(
        self, request: pb.ListWarehousesRequest, call: Call
    ) -> pb.ListWarehousesResponse:
        size = size_of(request.page.size, default=50)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_warehouses(read, after=str(after[0]) if after else "", size=size + 1)
        return pb.ListWarehousesResponse(
            warehouses=map(encode_warehouse, found[:size]),
            next_page_token=token_of([found[size - 1].code]) if len(found) > size else "",
        )

    @read(scope="catalog.write")
    async def GetWarehouse(self, request: pb.GetWarehouseRequest, call: Call) -> pb.Warehouse:
        async with call.read() as read:
            return encode_warehouse(await warehouse_of(read, request.code))

    @write(scope="catalog.write", needs_key=True)
    async def CreateWarehouse(self, request: pb.CreateWarehouseRequest, call: Call) -> pb.Warehouse:
        async with call.tx() as tx:
            warehouse = await create_warehouse(
                tx, decode_warehouse(request), actor_id=call.caller.subject_id
            )
        return encode_warehouse(warehouse)

    @write(scope="catalog.write")
    async def UpdateWarehouse(self, request: pb.UpdateWarehouseRequest, call: Call) -> pb.Warehouse:
        async with call.tx() as tx:
            warehouse = await update_warehouse(
                tx,
                request.code,
                decode_changes(request),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return encode_warehouse(warehouse)

    @write(scope="catalog.write")
    async def DeleteWarehouse(
        self, request: pb.DeleteWarehouseRequest, call: Call
    ) -> pb.DeleteWarehouseResponse:
        async with call.tx() as tx:
            await delete_warehouse(
                tx,
                request.code,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeleteWarehouseResponse()
