"""The edge of price lists and prices."""

from uuid import UUID

from catalog.directory import Directory
from catalog.prices.actions import (
    create_price_list,
    delete_price_list,
    set_prices,
    update_price_list,
)
from catalog.prices.model import PriceList
from catalog.prices.queries import get_price_list, list_price_lists, list_prices
from catalog.prices.wire import (
    decode_changes,
    decode_price_changes,
    decode_price_list,
    encode_listed_price,
    encode_price_list,
)
from chassis.data.database import Database
from chassis.data.tx import Read
from chassis.pagination import position_of, size_of, token_of
from chassis.rpc.auth import TokenVerifier
from chassis.rpc.errors import InvalidPageToken
from chassis.rpc.server import Call, Servicer, read, write
from sojourn.catalog.v1 import prices_pb2 as pb
from sojourn.catalog.v1 import prices_pb2_grpc as pb_grpc

_USUAL_SIZE = 50


class PriceListServicer(Servicer, pb_grpc.PriceListServiceServicer):
    """Price lists."""

    def __init__(self, database: Database, verifier: TokenVerifier, directory: Directory) -> None:
        super().__init__(database, verifier)
        self._directory = directory

    @read(scope="catalog.write")
    async def ListPriceLists(
        self, request: pb.ListPriceListsRequest, call: Call
    ) -> pb.ListPriceListsResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        after = position_of(request.page.token, length=1)
        async with call.read() as read:
            found = await list_price_lists(
                read, after=str(after[0]) if after else "", size=size + 1
            )
            return pb.ListPriceListsResponse(
                price_lists=[await self._encode(read, each) for each in found[:size]],
                next_page_token=token_of([found[size - 1].code]) if len(found) > size else "",
            )

    @read(scope="catalog.write")
    async def GetPriceList(self, request: pb.GetPriceListRequest, call: Call) -> pb.PriceList:
        async with call.read() as read:
            return await self._encode(read, await get_price_list(read, request.code))

    @write(scope="catalog.write", needs_key=True)
    async def CreatePriceList(self, request: pb.CreatePriceListRequest, call: Call) -> pb.PriceList:
        async with call.tx() as tx:
            channels = (await self._directory.context(tx)).channels
            made = await create_price_list(
                tx, channels, decode_price_list(request), actor_id=call.caller.subject_id
            )
            return await self._encode(tx, made)

    @write(scope="catalog.write")
    async def UpdatePriceList(self, request: pb.UpdatePriceListRequest, call: Call) -> pb.PriceList:
        async with call.tx() as tx:
            changed = await update_price_list(
                tx,
                request.code,
                decode_changes(request),
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
            return await self._encode(tx, changed)

    @write(scope="catalog.write")
    async def DeletePriceList(
        self, request: pb.DeletePriceListRequest, call: Call
    ) -> pb.DeletePriceListResponse:
        async with call.tx() as tx:
            await delete_price_list(
                tx,
                await self._directory.context(tx),
                request.code,
                actor_id=call.caller.subject_id,
                expected_version=request.expected_version,
            )
        return pb.DeletePriceListResponse()

    @read(scope="catalog.write")
    async def ListPrices(self, request: pb.ListPricesRequest, call: Call) -> pb.ListPricesResponse:
        size = size_of(request.page.size, default=_USUAL_SIZE)
        position = position_of(request.page.token, length=2)
        try:
            after = (UUID(str(position[0])), str(position[1])) if position else None
        except ValueError as error:
            raise InvalidPageToken from error
        async with call.read() as read:
            found = await list_prices(
                read, request.code, sku=request.sku, after=after, size=size + 1
            )
        last = found[size - 1].price if len(found) > size else None
        return pb.ListPricesResponse(
            prices=map(encode_listed_price, found[:size]),
            next_page_token=token_of([str(last.variant_id), last.currency]) if last else "",
        )

    @write(scope="catalog.write", needs_key=True)
    async def SetPrices(self, request: pb.SetPricesRequest, call: Call) -> pb.SetPricesResponse:
        changes = decode_price_changes(request)
        async with call.tx() as tx:
            await set_prices(
                tx,
                await self._directory.context(tx),
                request.code,
                changes,
                actor_id=call.caller.subject_id,
            )
        removed = sum(change.is_removed for change in changes)
        return pb.SetPricesResponse(set=len(changes) - removed, removed=removed)

    async def _encode(self, read: Read, price_list: PriceList) -> pb.PriceList:
        channels = (await self._directory.context(read)).channels
        is_own = any(each.price_list == price_list.code for each in channels.all)
        return encode_price_list(price_list, read.now, is_own=is_own)
